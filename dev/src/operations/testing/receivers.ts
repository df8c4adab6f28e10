import { readFileSync } from 'node:fs';
import { DEPLOY } from '../programs.js';

/**
 * The configuration as it is, with addresses in the place of secret files and templates from here:
 * Alertmanager 0.25 knows no file for Discord.
 */
export function alertmanagerConfiguration(receivers: string): string {
  return readFileSync(`${DEPLOY}alertmanager/alertmanager.yml`, 'utf8')
    .replace('/etc/alertmanager/templates', `${DEPLOY}alertmanager/templates`)
    .replaceAll(/api_url_file: .*/g, `api_url: ${receivers}/slack`)
    .replaceAll(/webhook_url_file: .*/g, `webhook_url: ${receivers}/discord`)
    .replaceAll(/url_file: .*\/(\w+)-url/g, `url: ${receivers}/$1`)
    .replace(/smtp_auth_password_file: .*/, 'smtp_auth_password: none');
}
