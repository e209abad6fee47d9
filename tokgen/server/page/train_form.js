// What is trained: the documents to learn from, the family of the model and its options.

import { make, put } from "./dom.js";
import { count } from "./numbers.js";
import { optionField } from "./option_field.js";

const OWN = "";
// Where the open model is of no family that can be trained here.
const FAMILY = "mlp";
// The words outlive a reload of the page.
const WORDS = "tokgen-words";
// This option has a field of its own.
const STEPS = "steps";
// As many options stand at once; the others are unfolded.
const AT_ONCE = 7;

// `change`: told what was chosen. `begin`: told to train.
export function trainForm({ change, begin }) {
  const corpus = make("select", { onchange: () => chosen({ corpus: corpus.value }) });
  const words = make("textarea", {
    rows: 5,
    spellcheck: "false",
    autocapitalize: "none",
    placeholder: "one word a line",
    value: sessionStorage.getItem(WORDS) ?? "",
    oninput: () => sessionStorage.setItem(WORDS, words.value),
  });
  const limit = make("p", { class: "said" });
  const own = make("div", { hidden: true }, make("label", {}, "Words, one a line", words), limit);
  const model = make("select", { onchange: () => chosen({ model: model.value, options: {} }) });
  const said = make("p", { class: "said" });
  const options = make("div", { class: "options" });
  const steps = make("input", {
    type: "number",
    min: 0,
    step: 1,
    onchange: () => steps.checkValidity() && chosen({ steps: steps.value && Number(steps.value) }),
  });
  const element = make(
    "form",
    { id: "train-form", class: "train-form", onsubmit: submitted },
    make("h2", {}, "What is trained"),
    make("label", {}, "Documents", corpus),
    own,
    make("label", {}, "Model to train", model),
    said,
    make("label", {}, "Steps at most", steps),
    options,
  );
  let known = null;
  let open = null;
  let train = {};
  let shownModel = null;

  const chosen = (patch) => change({ ...train, ...patch });
  const named = (family) => known.models.find(({ name }) => name === family);
  const family = () =>
    named(train.model) ?? named(open.family) ?? named(FAMILY) ?? known.models[0];

  function submitted(event) {
    event.preventDefault();
    if (!known) return;
    const learnt = corpus.value === OWN ? { words: words.value } : { corpus: corpus.value };
    begin({
      ...learnt,
      model: family().name,
      options: train.options,
      steps: train.steps === "" || steps.disabled ? null : train.steps,
    });
  }

  // Fields that are being used must stay the same elements. Where nothing was chosen, the corpus and
  // the family are those of the open model.
  function show(asked, facts) {
    [train, open] = [asked, facts];
    if (known !== facts.training) fillIn(facts.training);
    corpus.value =
      train.corpus === OWN
        ? OWN
        : (corpusCalled(train.corpus, known) ??
          corpusCalled(facts.corpus, known) ??
          known.corpora[0].name);
    own.hidden = corpus.value !== OWN;
    steps.value = train.steps;
    model.value = family().name;
    if (shownModel !== model.value) showOptions();
  }

  function fillIn(facts) {
    known = facts;
    shownModel = null;
    put(
      corpus,
      known.corpora.map(({ name, title, documents }) =>
        make("option", { value: name, title }, `${name}: ${count(documents)}`),
      ),
      make("option", { value: OWN }, "words of your own"),
    );
    put(
      model,
      known.models.map(({ name, said: title }) => make("option", { value: name, title }, name)),
    );
    steps.max = known.limits.steps;
    const { words: most, bytes } = known.limits;
    limit.textContent = `At most ${count(most)} words and ${count(bytes)} bytes. They stay on the server until the training is forgotten.`;
  }

  function showOptions() {
    shownModel = model.value;
    said.textContent = family().said.replaceAll("`", "");
    const most = family().options.find((option) => option.name === STEPS);
    steps.disabled = !most;
    steps.placeholder = most?.default ?? "it takes none";
    const fields = family().options.filter(({ name }) => name !== STEPS).map(field);
    const rest = fields.slice(AT_ONCE);
    put(
      options,
      fields.slice(0, AT_ONCE),
      rest.length > 0 && make("details", {}, make("summary", {}, `${rest.length} options more`), rest),
    );
  }

  function field(option) {
    const shown = { name: family().name, options: train.options };
    return optionField(shown, asField(option), (value) => {
      const { [option.name]: _, ...others } = train.options;
      const isDefault = value === "" || value === null;
      const options = isDefault ? others : { ...others, [option.name]: value };
      chosen({ model: family().name, options });
    });
  }

  // Whether an option of the model may be set to what it is not yet.
  function offers(name, value) {
    const option = family().options.find((each) => each.name === name);
    return option !== undefined && (train.options[name] ?? option.default) !== value;
  }

  function set(name, value) {
    train = { ...train, model: family().name, options: { ...train.options, [name]: value } };
    showOptions();
    change(train);
  }

  return { element, show, offers, set };
}

// What the training that runs or is held was started with.
export function startedWith({ job, ...known }) {
  const { [STEPS]: steps = "", ...options } = job.options;
  return { corpus: corpusCalled(job.corpus, known) ?? OWN, model: job.model, options, steps };
}

const corpusCalled = (called, { corpora }) => corpora.find(({ name }) => name === called)?.name;

// A slider that goes much farther than the default would leave it no room; the number may go farther.
function asField(option) {
  if (option.kind === "bool") return { ...option, choices: [true, false] };
  const auto = option.default === null ? { placeholder: "auto" } : {};
  const isWide = option.most === null || option.most > 16 * option.default;
  const end = isWide && option.default > 0 ? { most: 4 * option.default } : {};
  return { ...option, ...auto, ...end };
}
