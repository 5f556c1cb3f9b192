// Draws the signs: node signs.mjs SIDE writes signs.bin, [N, SIDE, SIDE, 3] bytes, class after class, and signs.json, what they are.
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const side = Number(process.argv[2]);

// The icon sets, in the order in which their drawings of a sign are written.
const setNames = ["noto", "noto-v1", "twemoji", "openmoji", "emojione", "emojione-v1", "emojione-monotone", "fxemoji",
    "fluent-emoji-flat", "fluent-emoji-high-contrast"];
const sets = setNames.map(name => require(`@iconify-json/${name}/icons.json`));
const credits = setNames.map(name => require(`@iconify-json/${name}/info.json`))
    .map(info => `${info.name}: ${info.author.name}, ${info.license.title}`);

// A sign is a name that at least this many sets have, by the icon's own name or an alias.
const leastDrawings = 8;
// Too much alike, or a person told apart by sex or trade.
const leftOut = /keycap|clock|thirty|button|(^|-)arrow(-|$)|square|circle$|diamond$|flag(?!-in-hole)|^(man|woman|person|men|women)-|-(man|woman)$/;
// Sets of one colour are drawn in this one.
const ink = "#222";

const groups = new Map(Object.values(require("unicode-emoji-json/data-by-emoji.json"))
    .map(sign => [sign.slug.replaceAll("_", "-"), sign.group]));
const partOf = name => ({ "Activities": "validation", "Animals & Nature": "test", "Food & Drink": "test" })[groups.get(name)] ?? "train";

// An icon, or the one that an alias stands for, turned as the alias says.
function icon(set, name) {
    const own = set.icons[name] ?? set.aliases?.[name];
    if (!own?.parent) return own;
    const parent = icon(set, own.parent);
    return parent && {
        ...parent, ...own,
        hFlip: Boolean(parent.hFlip) !== Boolean(own.hFlip), vFlip: Boolean(parent.vFlip) !== Boolean(own.vFlip),
        rotate: ((parent.rotate ?? 0) + (own.rotate ?? 0)) % 4,
    };
}

function svg(set, drawing) {
    const of = key => drawing[key] ?? set[key] ?? 0;
    const [left, top, width, height] = [of("left"), of("top"), of("width"), of("height")];
    const turns = [];
    if (drawing.hFlip) turns.push(`translate(${2 * left + width} 0) scale(-1 1)`);
    if (drawing.vFlip) turns.push(`translate(0 ${2 * top + height}) scale(1 -1)`);
    if (drawing.rotate) turns.push(`rotate(${90 * drawing.rotate} ${left + width / 2} ${top + height / 2})`);
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${side}" height="${side}" `
        + `viewBox="${left} ${top} ${width} ${height}"><g transform="${turns.join(" ")}">`
        + `${drawing.body.replaceAll("currentColor", ink)}</g></svg>`;
}

const { initWasm, Resvg } = require("@resvg/resvg-wasm");
await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));

// The pixels of a drawing on white, [side, side, 3]; nothing for the few that the library fails on.
function drawn(text) {
    try {
        const drawing = new Resvg(text, { background: "white", fitTo: { mode: "width", value: side }, font: { loadSystemFonts: false } });
        const picture = drawing.render();
        const pixels = picture.pixels;
        const isSquare = picture.width === side && picture.height === side;
        picture.free();
        drawing.free();
        if (!isSquare) return null;
        const bytes = Buffer.alloc(side * side * 3);
        for (let to = 0, from = 0; to < bytes.length; to++, from += to % 3 ? 1 : 2) bytes[to] = pixels[from];
        return bytes;
    } catch {
        return null;
    }
}

const have = new Map();
for (const set of sets) {
    for (const name of new Set([...Object.keys(set.icons), ...Object.keys(set.aliases ?? {})])) have.set(name, (have.get(name) ?? 0) + 1);
}
const signs = [...have].filter(([name, count]) => count >= leastDrawings && groups.get(name) !== "Flags" && !leftOut.test(name))
    .map(([name]) => name).sort();

const file = createWriteStream("signs.bin");
const facts = { names: [], parts: [], counts: [], credits };
for (const name of signs) {
    let count = 0;
    for (const set of sets) {
        const drawing = icon(set, name);
        const pixels = drawing && drawn(svg(set, drawing));
        if (!pixels) continue;
        count++;
        file.write(pixels);
    }
    facts.names.push(name);
    facts.parts.push(partOf(name));
    facts.counts.push(count);
}
file.end();
writeFileSync("signs.json", JSON.stringify(facts));
