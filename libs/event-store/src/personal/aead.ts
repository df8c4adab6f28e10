import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** A nonce that follows from the text: one text is sealed in one way by one key. */
export const nonceOf = (key: Buffer, text: string): Buffer =>
  createHmac('sha256', key)
    .update('cliptally nonce ')
    .update(text)
    .digest()
    .subarray(0, NONCE_BYTES);

/** Nonce, content and tag. What is sealed opens with the same key and `boundTo` alone. */
export function sealBytes(
  key: Buffer,
  content: Buffer | string,
  boundTo: Buffer,
  nonce: Buffer = randomBytes(NONCE_BYTES),
): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(boundTo);
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** Throws if it was changed, or was sealed with another key or for something else. */
export function openBytes(key: Buffer, sealed: Buffer, boundTo: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES))
    .setAAD(boundTo)
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  const content = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(content), decipher.final()]);
}
