import { ROLES, type Role } from '@cliptally/contracts/api';
import { decodeProtectedHeader, errors, type JWTPayload } from 'jose';

/** The claim of that very name (`https://ours/role` has dots), or the value at that path. */
export function claimAt(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined,
      payload,
    );
}

/** Roles of ours among what a provider lists, each once. */
export function rolesIn(value: unknown): Role[] {
  const given: unknown[] = Array.isArray(value) ? value : [value];
  return ROLES.filter((role) => given.includes(role));
}

const OPAQUE =
  'The token is no JWT: the provider gives such a one for itself. Ask it for a token for this API, by an audience or a scope of the API.';

/** What is wrong with a token, and who can mend it; nothing of the token itself. */
export function sentenceOf(error: errors.JOSEError, token: string): string {
  if (token.split('.').length !== 3) return OPAQUE;
  const ours = 'The token is not one of ours';
  if (error instanceof errors.JWTClaimValidationFailed)
    switch (error.claim) {
      case 'iss':
        return `${ours}: its issuer ("iss") is not that of JWT_ISSUER.`;
      case 'aud':
        return `${ours}: it is not for the audience ("aud") of JWT_AUDIENCE.`;
      case 'nbf':
        return 'The token is not valid yet: the clocks differ, see JWT_CLOCK_TOLERANCE.';
      case 'exp':
        return 'The token has no end ("exp"), and is taken for none of ours.';
    }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return `${ours}: it is signed in a way that JWT_ALGORITHMS does not name.`;
  // Graph of Microsoft signs its tokens with a nonce that only Graph can undo.
  if (error instanceof errors.JWSSignatureVerificationFailed && hasNonce(token))
    return `${ours}: it is for Microsoft Graph. Ask for a scope of the API instead.`;
  return `${ours}.`;
}

function hasNonce(token: string): boolean {
  try {
    return 'nonce' in decodeProtectedHeader(token);
  } catch {
    return false;
  }
}
