import * as oauth from 'oauth4webapi';

/** The browser got no answer: no network, or somebody does not let this page ask. */
class NoAnswer extends Error {
  constructor(origin: string) {
    super(
      `The browser cannot ask ${origin}. Allow this page there (CORS; Entra ID: a redirect address of the type "single-page application", Okta: a trusted origin); name the origin in CONSOLE_OIDC_ORIGINS if it is not that of the issuer.`,
    );
  }
}

/** Asks the provider; a browser says of what it has blocked only that it failed. */
export async function toldBy<T>(at: URL | string | undefined, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof TypeError && at) throw new NoAnswer(new URL(at).origin);
    throw error;
  }
}

/** What a person, or who runs the installation, can do about it. */
export function sentenceOf(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError)
    return `The provider refuses: ${error.error_description ?? error.error}.`;
  if (error instanceof oauth.ResponseBodyError) {
    const words = error.error_description ?? error.error;
    return /client_secret|client secret|invalid_client/i.test(`${words} ${error.error}`)
      ? `The provider wants a client secret, which a page cannot keep (${words}). Register the console as a public client; Google has none: put a provider between that has.`
      : `The provider refuses: ${words}.`;
  }
  if (
    error instanceof oauth.OperationProcessingError &&
    error.code === oauth.JSON_ATTRIBUTE_COMPARISON
  )
    return 'The provider names another issuer than CONSOLE_OIDC_ISSUER. Write it as the provider does; at Entra ID it is that of your tenant, not of "common".';
  if (error instanceof oauth.OperationProcessingError && error.code === oauth.JWT_TIMESTAMP_CHECK)
    return "The clocks of this device and of the provider differ by more than two minutes. Set this device's clock.";
  return (error as Error).message;
}
