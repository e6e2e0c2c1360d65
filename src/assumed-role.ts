/** Credentials of a role for who has tokens of OpenID Connect, as the GitHub Action has. */
export { type RoleOptions, roleCredentials } from './s3/assume-role.js';
