export { credentialsOf, lockAccount } from '../locks.ts';
