#include "wallet/rental/job_files.hpp"

#include "ledger/crypto/sha256.hpp"
#include "wallet/sealed/extract.hpp"

#include <fstream>

namespace wallet::rental {
namespace {

namespace fs = std::filesystem;
using ledger::Hash;

std::optional<Hash> hash_of(const fs::path& path)
{
    std::ifstream file{path, std::ios::binary};
    if (!file) return {};
    ledger::Sha256 hash;
    ledger::Bytes piece(1 << 20);
    do {
        file.read(reinterpret_cast<char*>(piece.data()),
                  static_cast<std::streamsize>(piece.size()));
        hash.update(ledger::ByteView{piece}.first(static_cast<std::size_t>(file.gcount())));
    } while (file);
    return hash.finish();
}

/// The data of the first party that brought those which the order names.
std::optional<std::vector<BatchNote>> data_of(const Meeting& meeting, const market::GpuOrder& order,
                                              const std::vector<ledger::Address>& from)
{
    for (const auto& party : from) {
        auto data = meeting.batches(BatchUse::data, party);
        std::vector<Hash> roots;
        for (const auto& note : data) roots.push_back(note.root);
        if (!roots.empty() && roots.size() <= most_batches &&
            data_root_of(roots) == order.job.data_root)
            return data;
    }
    return {};
}

/// Model and job file of a batch that opens, where they are those of the order.
Outcome<fs::path> extracted(BatchFolder& job, const ledger::SecretKey& key,
                            const market::GpuOrder& order, const fs::path& folder)
{
    const auto to = folder / ("job-" + ledger::to_hex(job.manifest().root.view()));
    std::error_code ignored;
    if (!fs::exists(to, ignored)) {
        const auto done = extract(job, key, to, [](std::uint64_t) {});
        if (!done) return Failure{Fault::unverified, done.error().detail};
    }
    if (hash_of(to / model_item) != order.job.graph)
        return Failure{Fault::unverified, "the model is not the one that the order names"};
    if (hash_of(to / job_item) != order.job.recipe)
        return Failure{Fault::unverified, "the job file is not the one that the order names"};
    return to;
}

Failure no_key(const BatchManifest& manifest)
{
    return {Fault::not_found,
            "nobody has given the key of batch " + ledger::to_hex0x(manifest.root.view()) + " yet"};
}

}  // namespace

Outcome<SealedJob> fetch_job(Meeting& meeting, const market::GpuOrder& order,
                             const std::vector<ledger::Address>& from, const fs::path& folder,
                             std::uint64_t most_bytes, const BeginTelling& begin)
{
    std::uint64_t left = most_bytes;
    const auto take = [&](const BatchNote& note) {
        auto batch = meeting.fetch(note, folder / ("batch-" + ledger::to_hex(note.root.view())),
                                   left, begin);
        if (batch) left -= std::min(left, batch->manifest().bytes);
        return batch;
    };
    SealedJob sealed;
    Failure why{Fault::not_found, "the board has not all that this order's job needs yet"};
    const auto data = data_of(meeting, order, from);
    if (!data) return why;
    for (const auto& party : from)
        for (const auto& note : meeting.batches(BatchUse::job, party)) {
            auto job = take(note);
            if (job)
                sealed.jobs.push_back(std::move(*job));
            else
                why = job.error();
        }
    if (sealed.jobs.empty()) return why;
    for (const auto& note : *data) {
        auto batch = take(note);
        if (!batch) return batch.error();
        sealed.data.push_back(std::move(*batch));
    }
    return sealed;
}

std::function<ledger::Result<void>(const Put&)> OpenJob::pourer()
{
    return [this](const Put& put) { return pour(data, put); };
}

std::vector<std::pair<BatchManifest, const ledger::SecretKey*>> OpenJob::keys() const
{
    std::vector<std::pair<BatchManifest, const ledger::SecretKey*>> all;
    all.emplace_back(job_manifest, &job_key);
    for (const auto& batch : data) all.emplace_back(batch.folder.manifest(), &batch.key);
    return all;
}

Outcome<OpenJob> open_job(const Meeting& meeting, const market::GpuOrder& order, SealedJob sealed,
                          const fs::path& folder)
{
    std::vector<KeyedBatch> data;
    for (auto& batch : sealed.data) {
        auto key = meeting.open(batch);
        if (!key) return no_key(batch.manifest());
        data.push_back({std::move(batch), std::move(*key)});
    }
    Failure why{Fault::not_found, "there is no job"};
    for (auto& job : sealed.jobs) {
        auto key = meeting.open(job);
        if (!key) {
            if (why.fault != Fault::unverified) why = no_key(job.manifest());
            continue;
        }
        auto made = extracted(job, *key, order, folder);
        if (made)
            return OpenJob{*made / model_item, *made / job_item, job.manifest(), std::move(*key),
                           std::move(data)};
        why = made.error();
    }
    return why;
}

}  // namespace wallet::rental
