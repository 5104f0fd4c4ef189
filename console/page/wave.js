// @ts-check

/** One column for each frame of 20 ms. */
const COLUMN = 2;
const LEAST = 0.012;

/**
 * The last seconds of a call: above what the caller says, below what is played to him.
 *
 * @param {HTMLCanvasElement} canvas
 */
export function waveView(canvas) {
  /** @type {{ said: number, played: number }[]} */
  let levels = [];
  let isDue = false;

  const draw = () => {
    isDue = false;
    const scale = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext('2d');
    if (!pen) return;
    // Colours that depend on the scheme are resolved in real properties only.
    const { color, caretColor } = getComputedStyle(canvas);
    pen.scale(scale, scale);
    const columns = Math.floor(width / COLUMN);
    levels = levels.slice(-columns);
    const middle = height / 2;
    levels.forEach(({ said, played }, i) => {
      const x = width - (levels.length - i) * COLUMN;
      pen.fillStyle = color;
      pen.fillRect(x, middle - tall(said) * middle, COLUMN - 0.5, tall(said) * middle);
      pen.fillStyle = caretColor;
      pen.fillRect(x, middle, COLUMN - 0.5, tall(played) * middle);
    });
  };
  return {
    /**
     * @param {Int16Array} samples
     * @param {number} played
     */
    add(samples, played) {
      let most = 0;
      for (const sample of samples) most = Math.max(most, Math.abs(sample));
      levels.push({ said: most / 32_767, played });
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(draw);
    },
    clear() {
      levels = [];
      draw();
    },
  };
}

/** Quiet things can be seen too.
 * @param {number} level */
const tall = (level) => Math.max(LEAST, Math.sqrt(level));
