import { nativeImage, type NativeImage } from 'electron';
import appIconAddress from './assets/icon-256.png?inline';
import tray1xAddress from './assets/tray-16.png?inline';
import tray2xAddress from './assets/tray-32.png?inline';
import trayTemplate1xAddress from './assets/tray-template-16.png?inline';
import trayTemplate2xAddress from './assets/tray-template-32.png?inline';

/** Our mark, for the window, its notifications and the tray. src-renderer/assets/icon.svg is where it is drawn. */

export function appIcon(): NativeImage {
  return nativeImage.createFromDataURL(appIconAddress);
}

/** macOS colours the mark itself, in its menu bar; elsewhere it comes in its own colours. */
export function trayIcon(): NativeImage {
  const template = process.platform === 'darwin';
  const image = nativeImage.createEmpty();
  image.addRepresentation({ scaleFactor: 1, dataURL: template ? trayTemplate1xAddress : tray1xAddress });
  image.addRepresentation({ scaleFactor: 2, dataURL: template ? trayTemplate2xAddress : tray2xAddress });
  image.setTemplateImage(template);
  return image;
}
