import { escaped, page } from '../http/page.ts';

/** Of every page: its token from the address, which then stands there no more, and one way to ask. */
const ASK = `const token=new URLSearchParams(location.hash.slice(1)).get('token')??'';if(token)history.replaceState(null,'',location.pathname);
const out=document.querySelector('output');const say=text=>{out.textContent=text};
const post=async(path,body={})=>{const r=await fetch(path,{method:'POST',headers:{'content-type':'application/json'},body:JSON.stringify(body)});const a=await r.json();if(!r.ok)throw new Error((a.errors??[]).map(e=>e.pointer.slice(1)+' '+e.detail).join('; ')||a.detail);return a};
const doing=async(work)=>{const buttons=document.querySelectorAll('button');for(const b of buttons)b.disabled=true;try{await work()}catch(x){say(x.message)}finally{for(const b of buttons)b.disabled=false}};`;

/** Signing in, in steps: each form is one, and the answer says which comes next. */
const STEPS = `${ASK}
const way=document.querySelector('main div').dataset.way;const forms=document.forms;
const show=name=>{for(const form of forms)form.hidden=form.name!==name;forms[name]?.querySelector('input')?.focus()};
const HINTS={'second-factor':'One thing more: show your second factor.','new-password':'Choose a new password.','single-sign-on':'This address signs in at its provider.'};
const follow=answer=>{if(answer.account){show('');say('Welcome back, '+answer.account.name+'. You are signed in.');return}
say(HINTS[answer.next]??'');if(answer.next==='second-factor'){show('factor');forms.factor.dataset.accepts=answer.accepts.join(' ')}else if(answer.next==='new-password'){show('password');const own=document.querySelector('#own');if(own)own.hidden=!answer.accepts.includes('password')}else show('')};
const on=(name,work)=>{if(forms[name])forms[name].onsubmit=event=>{event.preventDefault();const field=n=>forms[name].elements[n].value;doing(()=>work(field))}};
on('start',async field=>{if(way==='sessions'){follow(await post('/v1/sessions',{email:field('email'),password:field('password')}));return}
await post('/v1/'+way,{email:field('email')});show('');say('If that address has an account which needs it, a link is on its way there. It works once.')});
on('factor',async field=>{const code=field('code');const digits=code.normalize('NFKC').replace(/\\s/g,'');follow(await post('/v1/sessions/half/'+(/^\\d{6}$/.test(digits)?'totp':'recovery-code'),{code}))});
on('password',async field=>follow(await post('/v1/'+way+'/complete',{password:field('password')})));
on('own',async field=>follow(await post('/v1/sessions/half/password',{password:field('password')})));
document.querySelector('#lost').onclick=()=>doing(async()=>{await post('/v1/factor-recoveries');show('');say('A link is on its way to the address of your account. Open it to ask for your factors to be removed.')});
if(token)doing(async()=>{show('');follow(await post('/v1/'+way+'/open',{token}))});else show('start');`;

/** What a link does is shown first, and done by the button. */
const ACT = `${ASK}
const {look,act,done}=document.querySelector('main div').dataset;const form=document.forms[0];
const SHOWN={confirm:email=>'Your account will have the address '+email+'.',undo:email=>'Your account gets its former address back: '+email+'.'};
if(look)doing(async()=>{try{const a=await post(look,{token});say(SHOWN[a.does](a.email))}catch(x){form.hidden=true;throw x}});
form.onsubmit=event=>{event.preventDefault();doing(async()=>{await post(act,{token});form.hidden=true;say(done)})};`;

const VERIFY = `${ASK}const form=document.forms[0];const value=n=>form.elements[n].value;
form.onsubmit=event=>{event.preventDefault();doing(async()=>{const a=await post('/v1/sign-ups/verify',{token,name:value('name'),password:value('password')});form.hidden=true;say('Welcome, '+a.account.name+'. You are signed in; your first project is '+a.project.id+'.')})};`;
const INVITATION = `${ASK}const form=document.forms[0];const value=n=>form.elements[n]?.value;
doing(async()=>{try{const a=await post('/v1/invitations/look',{token});say(a.organization.name+' invites '+a.email+' as '+a.role+'.'+(a.next==='sign-in'?' Sign in with that address first, then open this link again.':''));if(a.next!=='create')for(const l of form.querySelectorAll('label'))l.remove()}catch(x){form.hidden=true;throw x}});
form.onsubmit=event=>{event.preventDefault();doing(async()=>{const body={token};if(value('name')!==undefined){body.name=value('name');body.password=value('password')}const a=await post('/v1/invitations/accept',body);form.hidden=true;say('You are in '+a.organization.name+'.')})};`;

const NAME = '<label>Your name <input name="name" autocomplete="name" required></label>';
const EMAIL = (autocomplete: string) =>
  `<label>Address <input name="email" type="email" autocomplete="${autocomplete}" required></label>`;
const CURRENT =
  '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>';
const NEW =
  '<label>Password, 15 characters or more <input name="password" type="password" autocomplete="new-password" required></label>';

/** The forms of a sign-in in steps; those that wait are hidden. */
const steps = (way: string, start: string, more = '') =>
  `<div data-way="${way}"></div><form name="start">${start}</form>
<form name="factor" hidden><label>Code of your authenticator, or a recovery code <input name="code" autocomplete="one-time-code" inputmode="text" required></label><button>Go on</button> <button type="button" id="lost">I have lost all of them</button></form>
<form name="password" hidden>${NEW}<button>Set the password</button></form>${more}`;

/** A page whose button does what the mailed link is for. */
const act = (
  text: string,
  button: string,
  data: { readonly look?: string; readonly act: string; readonly done: string },
) =>
  `<div ${Object.entries(data)
    .map(([name, value]) => `data-${name}="${escaped(value)}"`)
    .join(' ')}></div><p>${text}</p><form><button>${button}</button></form>`;

interface WayPage {
  readonly title: string;
  readonly body: string;
  readonly script: string;
}

const PAGES = {
  '/sign-in': {
    title: 'Sign in',
    body: `${steps('sessions', `${EMAIL('username webauthn')}${CURRENT}<button>Sign in</button>`)}<p><a href="/reset">I have forgotten my password</a></p>`,
    script: STEPS,
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
      `<div id="own" hidden><form name="own"><p>Or with the password that you have:</p>${CURRENT}<button>Bring it back</button></form></div>`,
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
export const SCRIPTS = { STEPS, ACT, VERIFY, INVITATION } as const;

/** Where pages stand that mailed links lead to, and the one to sign in. */
export const WAY_PATHS = Object.keys(PAGES) as (keyof typeof PAGES)[];

/** One of them: it shows what will happen, and a button does it. Opening it does nothing, for mail scanners open links too. */
export function wayPage(path: string): string | undefined {
  if (!Object.hasOwn(PAGES, path)) return undefined;
  const { title, body, script } = PAGES[path as keyof typeof PAGES];
  return page(title, `<p><output></output></p>${body}`, script);
}
