import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ROLES } from '@cliptally/contracts/api';
import type { Response } from 'express';
import { ChangeFeed } from '../changes/feed.js';
import { Ask, Operation, type Asked, type AskedRequest } from './operation.js';
import { Problem } from './problem.js';

/** A last id that is not one of ours is as good as none. */
const POSITION = /^\d{1,16}$/;

@Controller('changes')
export class ChangesController {
  constructor(@Inject(ChangeFeed) private readonly feed: ChangeFeed) {}

  @Get()
  @Operation({
    summary:
      'Server-sent events that say which campaigns and clips of the caller have changed; read them anew then. Resumes with Last-Event-ID',
    roles: ROLES,
    status: 200,
    produces: 'text/event-stream',
    refusals: ['too_many_streams'],
  })
  async follow(
    @Ask() { caller }: Asked,
    @Req() request?: AskedRequest,
    @Res() response?: Response,
  ): Promise<void> {
    const last = request!.headers['last-event-id'];
    const after = typeof last === 'string' && POSITION.test(last) ? Number(last) : null;
    if (!(await this.feed.attach(caller, response!, after)))
      throw new Problem(
        429,
        'too_many_streams',
        'Too many streams are open: close a page, or try again later.',
        [],
        { 'retry-after': '10' },
      );
  }
}
