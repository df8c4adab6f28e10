/** Where the identity provider sends people back to. */
export const RETURN_PATH = '/console/signed-in';
