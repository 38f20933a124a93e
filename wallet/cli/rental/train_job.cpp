#include "wallet/cli/rental/train_job.hpp"

#include "ledger/codec/json.hpp"
#include "ledger/crypto/sha256.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "samples/arguments/job_file.hpp"
#include "wallet/cli/sales.hpp"
#include "wallet/keys/new_file.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/sealed/new_folder.hpp"

#include <algorithm>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

ledger::X25519PublicKey box_of(const Party& party)
{
    return ledger::x25519_public_key(rental::box_key(party.key));
}

/// The files that samples of a path are read from: those below a folder; a file and, where they are
/// known by their name, its labels.
std::vector<FoundItem> files_of(const samples::SampleArguments& words)
{
    const fs::path path{words.path};
    std::vector<fs::path> given{path};
    if (!fs::is_directory(path)) {
        auto labels = words.labels.empty()
                          ? path.parent_path() / samples::labels_beside(path.filename().string())
                          : fs::path{words.labels};
        if (fs::is_regular_file(labels) && labels != path) given.push_back(std::move(labels));
    }
    return must(find_items(given));
}

/// A batch of somebody's dataset, sealed to this account as well: the same root and bytes, which
/// are shared on the disk where that can be.
void share(const Party& party, const fs::path& from, const ledger::SecretKey& key,
           const fs::path& folder)
{
    std::error_code ignored;
    if (fs::exists(folder, ignored)) return;
    auto manifest = must(BatchFolder::open(from)).manifest();
    const auto box = box_of(party);
    manifest.wraps = {
        {box, must(ledger::sealing::wrap(key, manifest.dataset, box, party.session.random()))}};
    auto made = must(NewFolder::create(folder));
    for (const auto* name : {"batch.sealed", "batch.leaves"}) {
        fs::create_hard_link(from / name, made.path() / name, ignored);
        if (ignored) fs::copy_file(from / name, made.path() / name);
    }
    auto about = must(NewFile::create(made.path() / "batch.json"));
    must(about.write(ledger::as_bytes(manifest_text(manifest))));
    must(about.commit(false));
    must(made.commit());
}

ledger::SecretKey key_of(const Party& party, const TrainingWords& words, const fs::path& batch)
{
    const auto& session = party.session;
    if (!words.sale.empty())
        return std::move(bought(session, sale_id_of(words.sale), batch.string()).key);
    return must(must(BatchFolder::open(batch)).unwrap(session.unlock_master(words.master)));
}

/// The job file, of what the words and the recipe say.
std::string job_text_of(const TrainingWords& words)
{
    samples::JobFile job;
    if (!words.recipe.empty()) {
        const auto text = read_input(words.recipe, samples::JobLimits::bytes);
        const auto recipe = ledger::codec::parse_json(ledger::as_text(text));
        if (!recipe) fail(Fault::usage, words.recipe + ": " + recipe.error().detail);
        if (!recipe->is_object()) fail(Fault::usage, words.recipe + " holds no JSON object");
        job.recipe = *recipe;
    }
    if (words.steps != 0) job.recipe["steps"] = words.steps;
    job.threads = words.threads;
    job.samples = words.samples;
    job.samples.path.clear();
    if (!job.samples.labels.empty())
        job.samples.labels = fs::path{job.samples.labels}.filename().string();
    job.test = words.test;
    job.split_seed = words.split_seed;
    job.head_only = words.head_only;
    return must(samples::job_text(job));
}

constexpr std::size_t most_model = std::size_t{2} << 30;

/// The model and the job file. Once something was ordered they stay what they are: other words in
/// the same folder are a mistake.
void write_job(const TrainingWords& words, const fs::path& folder, bool is_ordered)
{
    const auto model = read_input(words.model, most_model);
    const auto text = job_text_of(words);
    if (is_ordered) {
        const auto known = [&](const char* name) {
            return ledger::sha256(read_input((folder / name).string(), most_model));
        };
        if (known(rental::model_item) != ledger::sha256(model) ||
            known(rental::job_item) != ledger::sha256(ledger::as_bytes(text)))
            fail(Fault::usage, folder.parent_path().string() +
                                   " is the folder of another job: say the same again, or name "
                                   "another folder with --work");
        return;
    }
    auto made = must(NewFolder::create(folder));
    const auto put = [&](const char* name, ledger::ByteView bytes) {
        auto file = must(NewFile::create(made.path() / name));
        must(file.write(bytes));
        must(file.commit());
    };
    put(rental::model_item, model);
    put(rental::job_item, ledger::as_bytes(text));
    must(made.commit());
}

/// What a command made that ended before it ordered: its words may have been wrong.
void clear(const fs::path& folder)
{
    for (const auto& entry : fs::directory_iterator{folder}) {
        const auto name = entry.path().filename().string();
        if (name == "job" || name == "job-batch" || name.starts_with("data-"))
            fs::remove_all(entry.path());
    }
}

}  // namespace

void make_job(const Party& party, const TrainingWords& words, RentOptions& options)
{
    const auto& folder = options.work.folder;
    const auto job = folder / "job";
    const bool is_ordered = LeaseTenant::has_ordered(folder);
    if (!is_ordered) clear(folder);
    write_job(words, job, is_ordered);
    const auto model = read_input((job / rental::model_item).string(), most_model);
    const auto text = read_input((job / rental::job_item).string(), samples::JobLimits::bytes);
    seal_once(party,
              {item_of(job / rental::job_item, rental::job_item),
               item_of(job / rental::model_item, rental::model_item)},
              box_of(party), folder / "job-batch");

    std::size_t place = 0;
    const auto next = [&] {
        options.data.push_back(folder / ("data-" + std::to_string(place++)));
        return options.data.back();
    };
    if (!words.samples.path.empty())
        seal_once(party, files_of(words.samples), box_of(party), next());
    for (const auto& batch : words.batches) {
        const auto to = next();
        if (!fs::exists(to)) share(party, batch, key_of(party, words, batch), to);
    }
    std::vector<ledger::Hash> roots;
    for (const auto& batch : options.data)
        roots.push_back(must(BatchFolder::open(batch)).manifest().root);
    if (roots.empty() || roots.size() > rental::most_batches)
        fail(Fault::usage, "a training has 1 to " + std::to_string(rental::most_batches) +
                               " batches of data: --data PATH, or --batch FOLDER");

    const auto read = must(samples::read_job(ledger::as_text(text)));
    const auto steps = read.recipe.value("steps", json{});
    const auto seed = read.recipe.value("seed", json{});
    if (!steps.is_number_unsigned() || steps.get<std::uint64_t>() == 0)
        fail(Fault::usage, "how many steps? Say --steps N, or \"steps\" in the recipe");
    auto& wanted = options.order.job;
    wanted.kind = market::JobKind::train;
    wanted.graph = ledger::sha256(model);
    wanted.recipe = ledger::sha256(text);
    wanted.data_root = rental::data_root_of(roots);
    wanted.seed = seed.is_number_unsigned() ? seed.get<std::uint64_t>() : 0;
    wanted.total_steps = steps.get<std::uint64_t>();
}

void try_first_step(const Party& party, const RentOptions& options)
{
    const auto& folder = options.work.folder;
    const auto box = rental::box_key(party.key);
    const auto job_batch = must(BatchFolder::open(folder / "job-batch"));
    rental::OpenJob job{folder / "job" / rental::model_item,
                        folder / "job" / rental::job_item,
                        job_batch.manifest(),
                        must(job_batch.unwrap(box)),
                        {}};
    for (const auto& data : options.data) {
        auto batch = must(BatchFolder::open(data));
        auto key = must(batch.unwrap(box));
        job.data.push_back({std::move(batch), std::move(key)});
    }
    party.session.note("trying the first step on this machine");
    const UntilAsked until;
    replay(options.work, job, {{}, 1, {}, 0}, folder);
}

}  // namespace wallet::cli
