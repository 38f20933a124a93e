#include "node/inbox/inbox.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/crypto/sha256.hpp"
#include "ledger/transfer/batch_manifest.hpp"

#include <algorithm>
#include <utility>

namespace node {

using namespace ledger;

namespace {

Hash hash_of(const BatchManifest& manifest)
{
    return sha256(as_bytes(transfer::manifest_text(manifest)));
}

}  // namespace

market::BatchKey key_of(const market::DataContribute& contribution)
{
    return {contribution.dataset, {contribution.device, contribution.batch}};
}

void Inbox::Kept::add(const Bytes& key, WaitingBatch batch)
{
    const auto& said = batch.contribution;
    roots.insert_or_assign(said.root, key);
    ++of_device[said.device];
    ++of_dataset[said.dataset];
    entries.insert_or_assign(key, Entry{std::move(batch)});
}

void Inbox::Kept::erase(const Bytes& key)
{
    const auto found = entries.find(key);
    if (found == entries.end()) return;
    const auto& said = found->second.batch.contribution;
    roots.erase(said.root);
    if (--of_device[said.device] == 0) of_device.erase(said.device);
    if (--of_dataset[said.dataset] == 0) of_dataset.erase(said.dataset);
    entries.erase(found);
}

Result<void> Inbox::rebuild()
{
    const std::lock_guard lock{kept_->mutex};
    std::optional<Error> wrong;
    const auto done = journal_.scan({table, {}}, [&](ByteView key, ByteView value) {
        auto batch = codec::decode<WaitingBatch>(value);
        const Bytes name{key.begin(), key.end()};
        if (!batch || codec::encode(key_of(batch->contribution)) != name) {
            wrong = Error{ErrorKind::corrupt, "inbox: a contribution is not what was written"};
            return false;
        }
        // Of a dataset that is not named any more: it waits until that is named again.
        if (!is_for(batch->contribution.dataset)) return true;
        kept_->add(name, std::move(*batch));
        kept_->entries.at(name).is_new = false;
        return true;
    });
    if (!done) return done;
    if (wrong) return *wrong;
    return {};
}

std::optional<WaitingBatch> Inbox::find(const market::BatchKey& key) const
{
    const std::lock_guard lock{kept_->mutex};
    const auto found = kept_->entries.find(codec::encode(key));
    if (found == kept_->entries.end() || found->second.is_new) return {};
    return found->second.batch;
}

Result<void> Inbox::take(const WaitingBatch& batch, const Bytes& key,
                         std::optional<WaitingBatch>& before)
{
    const std::lock_guard lock{kept_->mutex};
    const auto& said = batch.contribution;
    if (const auto found = kept_->entries.find(key); found != kept_->entries.end()) {
        if (found->second.is_written) return Error{ErrorKind::unavailable, "it is being written"};
        if (found->second.batch.contribution != said)
            return Error{ErrorKind::denied, "another batch of this number waits already"};
        before = std::exchange(found->second.batch, batch);
        found->second.is_written = true;
        return {};
    }
    if (kept_->roots.contains(said.root))
        return Error{ErrorKind::denied, "this batch waits under another number"};
    const auto share =
        std::max<std::size_t>(1, limits_.waiting / std::max<std::size_t>(1, datasets_.size()));
    const auto count = [](const auto& counts, const auto& of) {
        const auto found = counts.find(of);
        return found == counts.end() ? 0 : found->second;
    };
    if (count(kept_->of_dataset, said.dataset) >= share ||
        count(kept_->of_device, said.device) >= limits_.of_device)
        return Error{ErrorKind::full, "as many batches wait as may"};
    kept_->add(key, batch);
    kept_->entries.at(key).is_written = true;
    return {};
}

void Inbox::put(WaitingBatch batch, Done done)
{
    const auto key = codec::encode(key_of(batch.contribution));
    std::optional<WaitingBatch> before;
    if (auto taken = take(batch, key, before); !taken) return done(std::move(taken));
    JournalBatch writes;
    writes.push_back({std::string{table}, key, codec::encode(batch)});
    journal_.commit(std::move(writes), [kept = kept_, key, before, done](Result<void> written) {
        {
            const std::lock_guard lock{kept->mutex};
            auto& entry = kept->entries.at(key);
            entry.is_written = false;
            if (written)
                entry.is_new = false;
            else if (before)
                entry.batch = *before;
            else
                kept->erase(key);
        }
        done(std::move(written));
    });
}

std::vector<WaitingBatch> Inbox::list(const market::DatasetId& dataset,
                                      const std::optional<market::BatchRef>& after,
                                      std::size_t limit) const
{
    const std::lock_guard lock{kept_->mutex};
    const auto& entries = kept_->entries;
    auto at = after ? entries.upper_bound(codec::encode(market::BatchKey{dataset, *after}))
                    : entries.lower_bound(codec::encode(dataset));
    std::vector<WaitingBatch> found;
    for (; at != entries.end() && found.size() < limit; ++at) {
        if (at->second.batch.contribution.dataset != dataset) break;
        if (!at->second.is_new) found.push_back(at->second.batch);
    }
    return found;
}

void Inbox::remove(const market::BatchKey& key, Done done)
{
    const auto name = codec::encode(key);
    std::optional<Error> wrong;
    {
        const std::lock_guard lock{kept_->mutex};
        const auto found = kept_->entries.find(name);
        if (found == kept_->entries.end())
            wrong = Error{ErrorKind::not_found, "no such batch waits here"};
        else if (found->second.is_written)
            wrong = Error{ErrorKind::unavailable, "it is being written"};
        else
            found->second.is_written = true;
    }
    if (wrong) return done(*wrong);
    JournalBatch writes;
    writes.push_back({std::string{table}, name, std::nullopt});
    journal_.commit(std::move(writes), [kept = kept_, name, done](Result<void> written) {
        {
            const std::lock_guard lock{kept->mutex};
            if (written)
                kept->erase(name);
            else
                kept->entries.at(name).is_written = false;
        }
        done(std::move(written));
    });
}

std::size_t Inbox::size() const
{
    const std::lock_guard lock{kept_->mutex};
    return kept_->entries.size();
}

bool Inbox::wants(const Hash& root) const
{
    const std::lock_guard lock{kept_->mutex};
    return kept_->roots.contains(root);
}

bool Inbox::takes(const BatchManifest& manifest) const
{
    const auto hash = hash_of(manifest);
    const std::lock_guard lock{kept_->mutex};
    const auto found = kept_->roots.find(manifest.root);
    return found != kept_->roots.end() && kept_->entries.at(found->second).batch.manifest == hash;
}

std::vector<std::string> Inbox::holders(const BatchManifest& manifest) const
{
    if (!takes(manifest)) return {};
    return {operator_holder};
}

Result<void> check_waiting_batches(const PaymentJournal& journal)
{
    std::optional<Error> wrong;
    const auto read = journal.scan({Inbox::table, {}}, [&](ByteView key, ByteView value) {
        const auto batch = codec::decode<WaitingBatch>(value);
        if (batch && std::ranges::equal(key, codec::encode(key_of(batch->contribution))))
            return true;
        wrong = Error{ErrorKind::corrupt,
                      "inbox " + to_hex0x(key) + ": a contribution is not what was written"};
        return false;
    });
    if (!read) return read;
    if (wrong) return *wrong;
    return {};
}

}  // namespace node
