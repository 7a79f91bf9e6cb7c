import { page } from '../http/page.ts';

const ASK = `const token=new URLSearchParams(location.hash.slice(1)).get('token')??'';const out=document.querySelector('output');
const post=async(path,body)=>{const r=await fetch(path,{method:'POST',headers:{'content-type':'application/json'},body:JSON.stringify(body)});const a=await r.json();if(!r.ok)throw new Error((a.errors??[]).map(e=>e.pointer.slice(1)+' '+e.detail).join('; ')||a.detail);return a};
const form=document.querySelector('form');const value=n=>form.elements[n]?.value;`;

/** The scripts of the pages. The browser is told to run exactly these texts (`security-policy.ts`). */
export const SCRIPTS = {
  'verify': `${ASK}form.onsubmit=async e=>{e.preventDefault();try{const a=await post('/v1/sign-ups/verify',{token,name:value('name'),password:value('password')});out.textContent='Welcome, '+a.account.name+'. You are signed in; your first project is '+a.project.id+'.'}catch(x){out.textContent=x.message}};`,
  'sign-in': `${ASK}form.onsubmit=async e=>{e.preventDefault();try{const a=await post('/v1/sessions',{email:value('email'),password:value('password')});out.textContent='Welcome back, '+a.account.name+'. Your account stays active.'}catch(x){out.textContent=x.message}};`,
  'invitation': `${ASK}const show=async()=>{try{const a=await post('/v1/invitations/look',{token});out.textContent=a.organization.name+' invites '+a.email+' as '+a.role+'.'+(a.next==='sign-in'?' Sign in with that address first, then open this link again.':'');if(a.next!=='create')for(const l of form.querySelectorAll('label'))l.remove()}catch(x){out.textContent=x.message;form.hidden=true}};show();form.onsubmit=async e=>{e.preventDefault();try{const b={token};if(value('name')!==undefined){b.name=value('name');b.password=value('password')}const a=await post('/v1/invitations/accept',b);out.textContent='You are in '+a.organization.name+'.'}catch(x){out.textContent=x.message}};`,
} as const;

const NAME = '<label>Your name <input name="name" autocomplete="name" required></label>';
const PASSWORD =
  '<label>Password, 15 characters or more <input name="password" type="password" autocomplete="new-password" required></label>';
const FORMS = {
  'verify': { title: 'Confirm your address', body: `<form>${NAME}${PASSWORD}<button>Make my account</button></form>` },
  'sign-in': {
    title: 'Sign in',
    body: '<form><label>Address <input name="email" type="email" autocomplete="username" required></label><label>Password <input name="password" type="password" autocomplete="current-password" required></label><button>Sign in</button></form>',
  },
  'invitation': { title: 'Your invitation', body: `<form>${NAME}${PASSWORD}<button>Join</button></form>` },
} as const;

/** Where a mailed link leads: it shows what will happen, and a button does it. Opening it does nothing, for mail scanners open links too. */
export const linkPage = (kind: keyof typeof FORMS): string =>
  page(FORMS[kind].title, `<p><output></output></p>${FORMS[kind].body}`, SCRIPTS[kind]);
