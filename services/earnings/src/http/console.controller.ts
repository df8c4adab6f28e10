import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { answerFile, pageHeaders, type PageFiles } from '@cliptally/telemetry';
import type { Request, Response } from 'express';
import { originsOf, type SignIn } from '../console/settings.js';
import { Problem, notFound } from './problem.js';

export const CONSOLE = Symbol('the console');

export interface ConsoleParts {
  files: PageFiles;
  signIn: SignIn;
  /** Path of the sample world's own routes, if this is one. */
  sampleWorld: string | null;
}

/** The web application for brands, creators and admins: files, and how to sign in. */
@Controller('console')
export class ConsoleController {
  readonly #headers: Record<string, string>;

  constructor(@Inject(CONSOLE) private readonly parts: ConsoleParts) {
    this.#headers = pageHeaders(originsOf(parts.signIn));
  }

  @Get()
  index(@Req() request: Request, @Res() response: Response) {
    return this.#file('index.html', request, response);
  }

  @Get('config.json')
  configuration(@Res({ passthrough: true }) response: Response) {
    const { signIn, sampleWorld } = this.parts;
    response.set(this.#headers).set('cache-control', 'no-cache').vary('accept-encoding');
    const { kind } = signIn;
    if (kind !== 'oidc') return { signIn: kind, oidc: null, sampleWorld };
    const { issuer, clientId, scopes, audience } = signIn.oidc;
    return { signIn: kind, oidc: { issuer, clientId, scopes, audience }, sampleWorld };
  }

  /** A path without a file is a screen of the application, whose script reads the path. */
  @Get('*path')
  file(@Req() request: Request, @Res() response: Response) {
    const path = request.path.slice('/console/'.length);
    if (this.parts.files.has(path)) return this.#file(path, request, response);
    if (path.startsWith('assets/') || /\.\w+$/.test(path))
      throw notFound('The console has no such file; load the page again.');
    return this.#file('index.html', request, response);
  }

  async #file(name: string, request: Request, response: Response): Promise<void> {
    const file = this.parts.files.get(name);
    if (!file)
      throw new Problem(
        503,
        'unavailable',
        'The console has not been built. Run `npm run build` and start the service again.',
      );
    response.set(this.#headers);
    await answerFile(request, response, file);
  }
}
