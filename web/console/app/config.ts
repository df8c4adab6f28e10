/** How one signs in here, as the server says it at /console/config.json. */
export interface Config {
  /** `development`: by links with a token in them; `token`: by pasting one. */
  signIn: 'oidc' | 'development' | 'token';
  oidc: { issuer: string; clientId: string; scopes: string; audience: string | null } | null;
  /** Path of the sample world's own routes, if this is one. */
  sampleWorld: string | null;
}

export async function readConfig(): Promise<Config> {
  const response = await fetch('/console/config.json', { credentials: 'omit' });
  if (!response.ok) throw new Error(`The server answers with the status ${response.status}.`);
  return (await response.json()) as Config;
}
