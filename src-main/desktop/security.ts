import { app, type Session, type WebContents } from 'electron';
import { PAGE_SCHEME } from './page-files.ts';

/** What no page of this app may do, whoever wrote it: go elsewhere, open windows, ask for permissions, reach the network. */

function deny(event: { preventDefault: () => void }): void {
  event.preventDefault();
}

function confine(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-frame-navigate', deny);
  contents.on('will-redirect', deny);
  contents.on('will-attach-webview', deny);
  // A content security policy says nothing about WebRTC; without UDP and without a proxy it reaches nobody.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

/** Confines every page the app will ever show. Before the first window. */
export function setupContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    confine(contents);
  });
}

/** Closes the session that pages run in. `development` lets the developer tools load themselves. */
export function setupSession(session: Session, development: boolean): void {
  session.setPermissionRequestHandler((_contents, _permission, callback) => {
    callback(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
  session.on('will-download', deny);

  const schemes = development ? [`${PAGE_SCHEME}:`, 'devtools:'] : [`${PAGE_SCHEME}:`];
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    callback({ cancel: !schemes.some((scheme) => url.startsWith(scheme)) });
  });
}
