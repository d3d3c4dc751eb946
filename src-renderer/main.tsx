import '../shared/no-eval.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { windowBridge } from './bridge.ts';
import { Start } from './components/start.tsx';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/layout.css';
import './styles/devices.css';
import './styles/offers.css';
import './styles/transfers.css';
import './styles/popups.css';
import './styles/pairing.css';
import './styles/forced-colours.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Start bridge={windowBridge()} />
  </StrictMode>,
);
