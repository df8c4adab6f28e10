import { RequestMethod } from '@nestjs/common';

/** What the routes of the API may be asked with, by Nest's name for it. */
export const METHODS = {
  [RequestMethod.GET]: 'get',
  [RequestMethod.POST]: 'post',
  [RequestMethod.PUT]: 'put',
  [RequestMethod.PATCH]: 'patch',
  [RequestMethod.DELETE]: 'delete',
} as const;
export type Method = (typeof METHODS)[keyof typeof METHODS];

/** Whether a request may change something: it has a body, and may have an Idempotency-Key. */
export const isWrite = (method: string): boolean => !/^(get|head)$/i.test(method);
