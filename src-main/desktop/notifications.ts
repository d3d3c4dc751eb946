import { Notification, type NativeImage } from 'electron';
import type { Announcement } from './announce.ts';
import { textFor } from './notification-text.ts';

/** Shows what happened to a user who looks elsewhere. A click leads to the window. */
export function createNotifier(icon: NativeImage, onClick: () => void): (announcement: Announcement) => void {
  // One that is collected loses its click.
  const shown = new Set<Notification>();
  return (announcement) => {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ ...textFor(process.platform, announcement), icon });
    shown.add(notification);
    notification.on('click', onClick);
    notification.on('close', () => shown.delete(notification));
    notification.show();
  };
}
