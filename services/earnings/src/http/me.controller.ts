import { Controller, Get } from '@nestjs/common';
import { CallerAnswer, ROLES } from '@cliptally/contracts/api';
import { Ask, Operation, type Asked } from './operation.js';

/** Who asks, as the token says it: a client cannot read the token of every provider. */
@Controller('me')
export class MeController {
  @Get()
  @Operation({
    summary: 'Show whom the token is for',
    roles: ROLES,
    status: 200,
    answer: CallerAnswer,
  })
  show(@Ask() { caller: { role, subject } }: Asked) {
    return { role, subject };
  }
}
