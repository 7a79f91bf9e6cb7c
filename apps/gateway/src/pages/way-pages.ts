import { escaped, page } from '../http/page.ts';

/** Of every page: its token from the address, which then stands there no more, and one way to ask. */
const ASK = `const token=new URLSearchParams(location.hash.slice(1)).get('token')??'';if(token)history.replaceState(null,'',location.pathname);
const out=document.querySelector('output');const say=text=>{out.textContent=text};
const ask=async(method,path,body)=>{const r=await fetch(path,{method,headers:{'content-type':'application/json'},...(body===undefined?{}:{body:JSON.stringify(body)})});const a=await r.json();if(r.ok)return a;throw Object.assign(new Error((a.errors??[]).map(e=>e.pointer.slice(1)+' '+e.detail).join('; ')||a.detail),{problem:a})};
const post=(path,body={})=>ask('POST',path,body);
const go=async body=>{location.assign((await post('/v1/single-sign-on/start',body)).location)};
const doing=async(work)=>{const buttons=document.querySelectorAll('button');for(const b of buttons)b.disabled=true;try{await work()}catch(x){say(x.message)}finally{for(const b of document.querySelectorAll('button'))b.disabled=false}};
const forms=document.forms;const show=name=>{for(const form of forms)if(form.dataset.step!==undefined)form.hidden=form.name!==name;forms[name]?.querySelector('input')?.focus()};
const on=(name,work)=>{if(forms[name])forms[name].onsubmit=event=>{event.preventDefault();const field=n=>forms[name].elements[n].value;doing(()=>work(field))}};`;

/** What a browser's own authenticators answer, as JSON. Where it cannot, the buttons are not there. */
const PASSKEYS = `const passkeys='PublicKeyCredential' in window&&typeof PublicKeyCredential.parseRequestOptionsFromJSON==='function';
for(const b of document.querySelectorAll('[data-passkey]'))b.hidden=!passkeys;
const shown=async(options,more={})=>(await navigator.credentials.get({publicKey:PublicKeyCredential.parseRequestOptionsFromJSON(options),...more})).toJSON();
const made=async options=>(await navigator.credentials.create({publicKey:PublicKeyCredential.parseCreationOptionsFromJSON(options)})).toJSON();`;

/** Signing in, in steps: each form is one, and the answer says which comes next. */
const STEPS = `${ASK}${PASSKEYS}
const {way,open,begin,connection,saml,relay}=document.querySelector('[data-way]').dataset;
const HINTS={'second-factor':'One thing more: show your second factor.','new-password':'Choose a new password.','single-sign-on':'This address signs in at its provider.','mail':'A link is on its way to your mailbox. Open it in this browser.','proved':'Confirmed. You can go back to what you were doing.'};
const follow=answer=>{if(answer.returnTo&&answer.next!=='mail'&&!answer.accepts){location.assign(answer.returnTo);return}
if(answer.next==='tested'){show('');say('The provider vouches for '+answer.email+' as '+answer.subject+'. '+(answer.fresh?'It proves new sign-ins.':'It does not prove new sign-ins: changes will ask for a factor of the account here.'));return}
if(answer.next==='mail'||answer.next==='proved'){show('');say(HINTS[answer.next]);return}
if(answer.account){show('');say('Welcome back, '+answer.account.name+'. You are signed in.');return}
say(HINTS[answer.next]??'');const accepts=kind=>answer.accepts.includes(kind);if(answer.next==='second-factor'){show('factor');const key=forms.factor.querySelector('[data-passkey]');key.hidden=!(passkeys&&accepts('passkey'))}else if(answer.next==='new-password'){show('password');if(forms.own)forms.own.hidden=!accepts('password')}else show('')};
let waiting;const quiet=()=>waiting?.abort();
const own=forms.start.elements.password?.parentElement;const withPassword=email=>{own.hidden=false;document.querySelector('#emergency').hidden=true;if(email)forms.start.elements.email.value=email;forms.start.elements.password.focus()};
on('start',async field=>{quiet();if(way==='sessions'){const email=field('email');if(own.hidden){if((await post('/v1/sign-ins/look',{email})).next==='single-sign-on')await go({email});else withPassword();return}
follow(await post('/v1/sessions',{email:field('email'),password:field('password')}));return}
await post('/v1/'+way,{email:field('email')});show('');say('If that address has an account which needs it, a link is on its way there. It works once.')});
on('factor',async field=>{const code=field('code');const digits=code.normalize('NFKC').replace(/\\s/g,'');follow(await post('/v1/sessions/half/'+(/^\\d{6}$/.test(digits)?'totp':'recovery-code'),{code}))});
on('password',async field=>follow(await post('/v1/'+way+'/complete',{password:field('password')})));
on('own',async field=>follow(await post('/v1/sessions/half/password',{password:field('password')})));
const by=async(options,path,more)=>{const response=await shown(await post(options),more);try{follow(await post(path,{response}))}catch(x){if(x.problem?.unknownCredential)await PublicKeyCredential.signalUnknownCredential?.({rpId:location.hostname,credentialId:response.id});throw x}};
forms.start.querySelector('[data-passkey]')?.addEventListener('click',()=>doing(async()=>{quiet();await by('/v1/sessions/passkey/options','/v1/sessions/passkey')}));
forms.factor.querySelector('[data-passkey]').onclick=()=>doing(()=>by('/v1/sessions/half/passkey/options','/v1/sessions/half/passkey'));
document.querySelector('#lost').onclick=()=>doing(async()=>{await post('/v1/factor-recoveries');show('');say('A link is on its way to the address of your account. Open it to ask for your factors to be removed.')});
document.querySelector('#emergency')?.addEventListener('click',event=>{event.preventDefault();withPassword()});
if(token)doing(async()=>{show('');follow(await post(open??'/v1/'+way+'/open',{token}))});
else if(begin)doing(()=>go({connectionId:begin}));
else if(connection)doing(async()=>{show('');const query=location.search.slice(1);history.replaceState(null,'',location.pathname);follow(await post('/v1/single-sign-on/finish',saml?{connectionId:connection,samlResponse:saml,relayState:relay}:{connectionId:connection,query}))});
else show('start');
const offered=async()=>{if(way!=='sessions'||!passkeys||!await PublicKeyCredential.isConditionalMediationAvailable?.())return;waiting=new AbortController();try{await by('/v1/sessions/passkey/options','/v1/sessions/passkey',{mediation:'conditional',signal:waiting.signal})}catch(x){if(x.problem)say(x.message)}};offered();`;

/** What proves the account. A change that wants a proof asks for it, and goes on. */
const SECURITY = `${ASK}${PASSKEYS}
const list=document.querySelector('#factors');const button=(text,work)=>{const b=document.createElement('button');b.type='button';b.textContent=text;b.onclick=()=>doing(work);return b};
const prove=accepts=>new Promise(done=>{show('prove');const {prove:form}=forms;for(const b of form.querySelectorAll('button'))b.disabled=false;form.elements.password.parentElement.hidden=!accepts.includes('password');form.elements.code.parentElement.hidden=!accepts.includes('totp');form.querySelector('[data-passkey]').hidden=!(passkeys&&accepts.includes('passkey'));form.querySelector('#provider').hidden=!accepts.includes('sso');form.querySelector('button').hidden=!accepts.includes('password')&&!accepts.includes('totp');say('Confirm that it is you.');
const take=async body=>{try{await post('/v1/sessions/current/prove',body);show('');say('');done()}catch(x){say(x.message)}};
form.onsubmit=event=>{event.preventDefault();const body={};for(const n of ['password','code'])if(form.elements[n].value)body[n]=form.elements[n].value;take(body);form.reset()};
form.querySelector('#provider').onclick=()=>doing(async()=>go({email:(await ask('GET','/v1/account')).email,purpose:'prove',returnTo:'/security'}));
form.querySelector('[data-passkey]').onclick=async()=>{try{await take({passkey:await shown(await post('/v1/sessions/current/prove/options'))})}catch(x){say(x.message)}}});
const change=async(method,path,body)=>{try{return await ask(method,path,body)}catch(x){if(x.problem?.code!=='session/proof-required')throw x;await prove(x.problem.accepts);return ask(method,path,body)}};
const codes=list=>{if(list?.length)document.querySelector('#codes').textContent='Recovery codes, shown this once. Keep them where your phone is not:\\n'+list.join('\\n')};
const draw=async()=>{let s;try{s=await ask('GET','/v1/account/security')}catch(x){say(x.message);document.querySelector('#all').hidden=true;return}
document.querySelector('#state').textContent='Multi-factor authentication is '+(s.multiFactor.enabled?'on; '+s.codesLeft+' recovery codes are left':'off')+'.';
list.replaceChildren(...s.factors.map(f=>{const li=document.createElement('li');li.append(f.name+' ('+f.kind+(f.lastUsedAt?', last used '+f.lastUsedAt.slice(0,10):'')+') ',button('Remove',async()=>{await change('POST','/v1/account/factors/'+f.id+'/remove',{});await draw()}));return li}));
document.querySelector('#toggle').replaceChildren(button(s.multiFactor.enabled?'Turn it off':'Turn it on',async()=>{const a=await change('PUT','/v1/account/multi-factor',{enabled:!s.multiFactor.enabled});codes(a.codes);await draw()}))};
const drawConnections=async()=>{const own=(await ask('GET','/v1/organizations?limit=100')).items.filter(o=>o.role==='owner');
for(const o of own)for(const c of (await ask('GET','/v1/organizations/'+o.id+'/connections')).items){document.querySelector('#own').hidden=false;const li=document.createElement('li');li.append(o.name+': '+c.name+' ('+c.status+') ',button('Test it',()=>go({connectionId:c.id,purpose:'test'})));document.querySelector('#connections').append(li)}};
let pending;
on('authenticator',async field=>{pending=await change('POST','/v1/account/authenticators',{name:field('name')});document.querySelector('#secret').textContent=pending.secret+'\\n'+pending.uri;forms.confirm.hidden=false});
on('confirm',async field=>{const a=await change('POST','/v1/account/authenticators/'+pending.id+'/confirm',{code:field('code')});forms.confirm.hidden=true;codes(a.codes);say('The authenticator is added.');await draw()});
on('passkey',async field=>{const response=await made(await change('POST','/v1/account/passkeys/options',{}));await change('POST','/v1/account/passkeys',{name:field('name'),response});say('The passkey is added.');await draw()});
on('change',async field=>{await change('PUT','/v1/account/password',{current:field('current'),password:field('password')});forms.change.reset();say('The password is changed. Your other sessions have ended.')});
document.querySelector('#renew').onclick=()=>doing(async()=>{codes((await change('POST','/v1/account/recovery-codes',{})).codes);await draw()});
show('');draw().then(drawConnections).catch(()=>{});`;

/** What a link does is shown first, and done by the button. */
const ACT = `${ASK}
const {look,act,done}=document.querySelector('[data-act]').dataset;const form=forms[0];
const SHOWN={confirm:email=>'Your account will have the address '+email+'.',undo:email=>'Your account gets its former address back: '+email+'.'};
if(look)doing(async()=>{try{const a=await post(look,{token});say(SHOWN[a.does](a.email))}catch(x){form.hidden=true;throw x}});
form.onsubmit=event=>{event.preventDefault();doing(async()=>{await post(act,{token});form.hidden=true;say(done)})};`;

const VERIFY = `${ASK}const form=forms[0];const value=n=>form.elements[n].value;
form.onsubmit=event=>{event.preventDefault();doing(async()=>{const a=await post('/v1/sign-ups/verify',{token,name:value('name'),password:value('password')});form.hidden=true;say('Welcome, '+a.account.name+'. You are signed in; your first project is '+a.project.id+'.')})};`;
const INVITATION = `${ASK}const form=forms[0];const value=n=>form.elements[n]?.value;
let connectionId;
doing(async()=>{try{const a=await post('/v1/invitations/look',{token});connectionId=a.connectionId;say(a.organization.name+' invites '+a.email+' as '+a.role+'.'+(a.next==='sign-in'?' Sign in with that address first, then open this link again.':a.next==='sso'?' Go on at its identity provider.':''));if(a.next!=='create')for(const l of form.querySelectorAll('label'))l.remove()}catch(x){form.hidden=true;throw x}});
form.onsubmit=event=>{event.preventDefault();doing(async()=>{if(connectionId){await go({connectionId,token});return}const body={token};if(value('name')!==undefined){body.name=value('name');body.password=value('password')}const a=await post('/v1/invitations/accept',body);form.hidden=true;say('You are in '+a.organization.name+'.')})};`;

const NAME = '<label>Your name <input name="name" autocomplete="name" required></label>';
const EMAIL = (autocomplete: string) =>
  `<label>Address <input name="email" type="email" autocomplete="${autocomplete}" required></label>`;
const CURRENT =
  '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>';
const NEW =
  '<label>Password, 15 characters or more <input name="password" type="password" autocomplete="new-password" required></label>';

/** The forms of a sign-in in steps; those that wait are hidden. */
const steps = (way: string, start: string, more = '', data: Readonly<Record<string, string>> = {}) =>
  `<div data-way="${way}" ${dataset(data)}></div><form name="start" data-step>${start}</form>
<form name="factor" data-step hidden><label>Code of your authenticator, or a recovery code <input name="code" autocomplete="one-time-code" inputmode="text" required></label><button>Go on</button> <button type="button" data-passkey hidden>Use a passkey</button> <button type="button" id="lost">I have lost all of them</button></form>
<form name="password" data-step hidden>${NEW}<button>Set the password</button></form>${more}`;

const dataset = (data: Readonly<Record<string, string>>) =>
  Object.entries(data)
    .map(([name, value]) => `data-${name}="${escaped(value)}"`)
    .join(' ');

/** A page whose button does what the mailed link is for. */
const act = (
  text: string,
  button: string,
  data: { readonly look?: string; readonly act: string; readonly done: string },
) => `<div ${dataset(data)}></div><p>${text}</p><form><button>${button}</button></form>`;

interface WayPage {
  readonly title: string;
  readonly body: string;
  readonly script: string;
}

const PAGES = {
  '/sign-in': {
    title: 'Sign in',
    body: `${steps('sessions', `${EMAIL('username webauthn')}${CURRENT.replace('<label>', '<label hidden>').replace(' required', '')}<button>Go on</button> <button type="button" data-passkey hidden>Sign in by a passkey</button> <a id="emergency" href="#">Emergency access by password</a>`)}<p><a href="/reset">I have forgotten my password</a></p>`,
    script: STEPS,
  },
  '/sso/bind': {
    title: 'One sign-in for your account',
    body: steps('single-sign-on', '', '', { open: '/v1/single-sign-on/bind' }),
    script: STEPS,
  },
  '/security': {
    title: 'What proves that it is you',
    body: `<form name="prove" data-step hidden>${CURRENT.replace(' required', '')}<label>Code of your authenticator <input name="code" autocomplete="one-time-code"></label><button>Confirm</button> <button type="button" data-passkey hidden>Use a passkey</button> <button type="button" id="provider" hidden>Sign in at your provider anew</button></form>
<div id="all"><p id="state"></p><p id="toggle"></p><ul id="factors"></ul><pre id="codes"></pre><p><button type="button" id="renew">New recovery codes</button></p>
<h2>Add an authenticator</h2><form name="authenticator"><label>Its name <input name="name" required></label><button>Show its secret</button></form><pre id="secret"></pre><form name="confirm" hidden><label>Its first code <input name="code" autocomplete="one-time-code" required></label><button>Add it</button></form>
<h2>Add a passkey</h2><form name="passkey"><label>Its name <input name="name" required></label><button data-passkey>Make a passkey</button></form>
<h2>Change the password</h2><form name="change"><label>Present password <input name="current" type="password" autocomplete="current-password" required></label>${NEW}<button>Change it</button></form><div id="own" hidden><h2>Connections of your organizations</h2><ul id="connections"></ul></div></div>`,
    script: SECURITY,
  },
  '/reset': {
    title: 'Set a new password',
    body: steps('password-resets', `${EMAIL('username')}<button>Mail me a link</button>`),
    script: STEPS,
  },
  '/reactivate': {
    title: 'Bring your account back',
    body: steps(
      'reactivations',
      `<p>For accounts that were suspended because nobody used them for long. Keys and projects are kept.</p>${EMAIL('username')}<button>Mail me a link</button>`,
      `<form name="own" data-step hidden><p>Or with the password that you have:</p>${CURRENT}<button>Bring it back</button></form>`,
    ),
    script: STEPS,
  },
  '/verify': {
    title: 'Confirm your address',
    body: `<form>${NAME}${NEW}<button>Make my account</button></form>`,
    script: VERIFY,
  },
  '/invitation': {
    title: 'Your invitation',
    body: `<form>${NAME}${NEW}<button>Join</button></form>`,
    script: INVITATION,
  },
  '/address': {
    title: 'Your new address',
    body: act('Sign in with it from then on. Your sessions end; your keys go on working.', 'Take this address', {
      look: '/v1/address-changes/look',
      act: '/v1/address-changes/confirm',
      done: 'Done. Sign in with the new address.',
    }),
    script: ACT,
  },
  '/address/undo': {
    title: 'Keep your former address',
    body: act(
      'All sessions end, the password is withdrawn until you set a new one, and second factors of the last days are removed.',
      'Undo the change',
      {
        look: '/v1/address-changes/look',
        act: '/v1/address-changes/undo',
        done: 'Done. Set a new password now: at /reset.',
      },
    ),
    script: ACT,
  },
  '/recovery': {
    title: 'All second factors are lost',
    body: act(
      'An operator is asked to approve. Then you have 72 hours in which any factor that is found, or a link, stops it; after them another mail brings the link that removes the factors.',
      'Ask for my factors to be removed',
      { act: '/v1/factor-recoveries/confirm', done: 'You have asked. Write to the operators of this installation.' },
    ),
    script: ACT,
  },
  '/recovery/cancel': {
    title: 'Keep your second factors',
    body: act('Somebody asked for all second factors of your account to be removed.', 'It was not me: keep them', {
      act: '/v1/factor-recoveries/cancel',
      done: 'They are kept. Change your password, if somebody else may know it.',
    }),
    script: ACT,
  },
  '/recovery/complete': {
    title: 'Remove all second factors',
    body: act('The 72 hours are over. Your account will ask for the password alone.', 'Remove them', {
      act: '/v1/factor-recoveries/complete',
      done: 'They are removed. Sign in, and add a new one.',
    }),
    script: ACT,
  },
} as const satisfies Record<string, WayPage>;

/** The scripts of the pages. The browser is told to run exactly these texts (`security-policy.ts`). */
export const SCRIPTS = { STEPS, ACT, SECURITY, VERIFY, INVITATION } as const;

/** Where pages stand that mailed links lead to, and the one to sign in. */
export const WAY_PATHS = Object.keys(PAGES) as (keyof typeof PAGES)[];

/** One of them: it shows what will happen, and a button does it. Opening it does nothing, for mail scanners open links too. */
export function wayPage(path: string): string | undefined {
  if (!Object.hasOwn(PAGES, path)) return undefined;
  const { title, body, script } = PAGES[path as keyof typeof PAGES];
  return page(title, `<p><output></output></p>${body}`, script);
}

/** What a browser sees that comes from a provider, or from the tile in its dashboard: the rest is asked from here. */
export const providerPage = (
  data: { readonly begin: string } | { readonly connection: string; readonly saml?: string; readonly relay?: string },
): string => page('Signing in', `<p><output></output></p>${steps('single-sign-on', '', '', data)}`, STEPS);
