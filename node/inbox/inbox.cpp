#include "node/inbox/inbox.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/crypto/sha256.hpp"
#include "ledger/transfer/batch_manifest.hpp"

namespace node {

using namespace ledger;

namespace {

constexpr const char* table = "inbox";

Hash hash_of(const BatchManifest& manifest)
{
    return sha256(as_bytes(transfer::manifest_text(manifest)));
}

}  // namespace

market::BatchKey key_of(const market::DataContribute& contribution)
{
    return {contribution.dataset, {contribution.device, contribution.batch}};
}

Result<void> Inbox::rebuild()
{
    const std::lock_guard lock{mutex_};
    std::optional<Error> wrong;
    const auto done = journal_.scan({table, {}}, [&](ByteView key, ByteView value) {
        const auto batch = codec::decode<WaitingBatch>(value);
        if (!batch || codec::encode(key_of(batch->contribution)) != Bytes{key.begin(), key.end()}) {
            wrong = Error{ErrorKind::corrupt, "inbox: a contribution is not what was written"};
            return false;
        }
        const Bytes name{key.begin(), key.end()};
        waiting_.insert_or_assign(name, *batch);
        roots_.insert_or_assign(batch->contribution.root, name);
        ++of_device_[batch->contribution.device];
        return true;
    });
    if (!done) return done;
    if (wrong) return *wrong;
    return {};
}

std::optional<WaitingBatch> Inbox::find(const market::BatchKey& key) const
{
    const std::lock_guard lock{mutex_};
    const auto found = waiting_.find(codec::encode(key));
    if (found == waiting_.end()) return {};
    return found->second;
}

Result<void> Inbox::take(const WaitingBatch& batch, const Bytes& key)
{
    const std::lock_guard lock{mutex_};
    const auto& said = batch.contribution;
    if (waiting_.contains(key))
        return Error{ErrorKind::denied, "another batch of this number waits already"};
    if (roots_.contains(said.root))
        return Error{ErrorKind::denied, "this batch waits under another number"};
    if (waiting_.size() >= limits_.waiting || of_device_[said.device] >= limits_.of_device)
        return Error{ErrorKind::full, "as many batches wait as may"};
    waiting_.emplace(key, batch);
    roots_.emplace(said.root, key);
    ++of_device_[said.device];
    return {};
}

void Inbox::give_back(const Bytes& key)
{
    const std::lock_guard lock{mutex_};
    const auto found = waiting_.find(key);
    if (found == waiting_.end()) return;
    const auto& said = found->second.contribution;
    roots_.erase(said.root);
    if (const auto count = of_device_.find(said.device);
        count != of_device_.end() && --count->second == 0)
        of_device_.erase(count);
    waiting_.erase(found);
}

void Inbox::put(WaitingBatch batch, Done done)
{
    const auto key = codec::encode(key_of(batch.contribution));
    if (auto taken = take(batch, key); !taken) return done(std::move(taken));
    JournalBatch writes;
    writes.push_back({table, key, codec::encode(batch)});
    journal_.commit(std::move(writes), [this, key, done](Result<void> written) {
        if (!written) give_back(key);
        done(std::move(written));
    });
}

std::vector<WaitingBatch> Inbox::list(const market::DatasetId& dataset,
                                      const std::optional<market::BatchRef>& after,
                                      std::size_t limit) const
{
    const std::lock_guard lock{mutex_};
    const auto prefix = codec::encode(dataset);
    auto at = after ? waiting_.upper_bound(codec::encode(market::BatchKey{dataset, *after}))
                    : waiting_.lower_bound(prefix);
    std::vector<WaitingBatch> found;
    for (; at != waiting_.end() && found.size() < limit; ++at) {
        if (at->second.contribution.dataset != dataset) break;
        found.push_back(at->second);
    }
    return found;
}

void Inbox::remove(const market::BatchKey& key, Done done)
{
    auto name = codec::encode(key);
    give_back(name);
    JournalBatch writes;
    writes.push_back({table, std::move(name), std::nullopt});
    journal_.commit(std::move(writes), std::move(done));
}

std::size_t Inbox::size() const
{
    const std::lock_guard lock{mutex_};
    return waiting_.size();
}

bool Inbox::wants(const Hash& root) const
{
    const std::lock_guard lock{mutex_};
    return roots_.contains(root);
}

bool Inbox::takes(const BatchManifest& manifest) const
{
    const auto hash = hash_of(manifest);
    const std::lock_guard lock{mutex_};
    const auto found = roots_.find(manifest.root);
    return found != roots_.end() && waiting_.at(found->second).manifest == hash;
}

std::vector<std::string> Inbox::holders(const BatchManifest& manifest) const
{
    if (!takes(manifest)) return {};
    return {operator_holder};
}

}  // namespace node
