import { Plus } from 'lucide-react';
import { useFileDrag } from '../hooks/use-file-drag.ts';
import { useActions, usePage } from '../store.ts';
import { DeviceCard } from './device-card.tsx';
import { NoDevices } from './no-devices.tsx';

/** Whom this device is paired with. */
export function Devices() {
  const devices = usePage((state) => state.devices);
  const { openPairing, dropTooSoon } = useActions();
  const dragging = useFileDrag(dropTooSoon);

  if (devices.length === 0) return <NoDevices />;
  return (
    <section aria-labelledby="devices-heading" className="devices">
      <div className="section-head">
        <h2 id="devices-heading" tabIndex={-1} data-landing>
          Devices
        </h2>
        <button type="button" className="button" onClick={openPairing}>
          <Plus aria-hidden className="icon" />
          Pair a device
        </button>
      </div>
      <ul className="device-list" aria-labelledby="devices-heading">
        {devices.map((device) => (
          <li key={device.id}>
            <DeviceCard device={device} dragging={dragging} />
          </li>
        ))}
      </ul>
    </section>
  );
}
