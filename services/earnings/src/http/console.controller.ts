import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { answerFile, pageHeaders, type PageFiles } from '@cliptally/telemetry';
import type { Request, Response } from 'express';
import { originsOf, type SampleWorld, type SignIn } from '../console/settings.js';
import type { Access } from '@cliptally/access';
import { Problem, notFound } from './problem.js';

export const CONSOLE = Symbol('the console');

export interface ConsoleParts {
  files: PageFiles;
  signIn: SignIn;
  access: Pick<Access, 'callerOf'>;
  sampleWorld: SampleWorld | null;
  /** Address of the operators' page, if it is known here. */
  livePage: string | null;
}

/** The web application for brands, creators and admins: files, and how to sign in. */
@Controller('console')
export class ConsoleController {
  readonly #headers: Record<string, string>;

  constructor(@Inject(CONSOLE) private readonly parts: ConsoleParts) {
    this.#headers = pageHeaders(originsOf(parts.signIn, parts.sampleWorld));
  }

  @Get()
  index(@Req() request: Request, @Res() response: Response) {
    return this.#file('index.html', request, response);
  }

  @Get('config.json')
  async configuration(@Req() request: Request, @Res({ passthrough: true }) response: Response) {
    response.set(this.#headers).set('cache-control', 'no-cache').vary('accept-encoding');
    const { signIn, sampleWorld, livePage } = this.parts;
    const isAdmin = await this.#isAdmin(request);
    const others = {
      sampleWorld: isAdmin ? (sampleWorld?.control ?? null) : null,
      livePage: isAdmin ? livePage : null,
      examples: sampleWorld?.examples ?? [],
    };
    const { kind } = signIn;
    if (kind !== 'oidc') return { signIn: kind, oidc: null, ...others };
    const { issuer, clientId, scopes, audience } = signIn.oidc;
    return { signIn: kind, oidc: { issuer, clientId, scopes, audience }, ...others };
  }

  /** How one signs in is for everybody, also for who has a token that has ended. */
  async #isAdmin({ headers: { authorization } }: Request): Promise<boolean> {
    if (authorization === undefined) return false;
    return this.parts.access.callerOf(authorization).then(
      ({ role }) => role === 'admin',
      () => false,
    );
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
