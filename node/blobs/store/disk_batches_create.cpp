#include "node/blobs/store/disk_batches_room.hpp"

#include <algorithm>

// Batches begin.
namespace node {

using namespace ledger;

Result<void> DiskBatches::create(const BatchManifest& manifest,
                                 const std::optional<std::string>& holder)
{
    if (holder && !is_holder(*holder)) return invalid("this is no name of a holder");
    const auto& root = manifest.root;
    Names names{names_mutex_};
    // Whatever lets go of the names may find the batch begun, or removed, by somebody else.
    for (int tries = 0; tries < 3; ++tries) {
        if (!wait_for(names, root)) return is_busy();
        if (const auto clear = clear_way(names, manifest, holder); !clear) return clear;
        if (auto told = join(manifest, holder)) return std::move(*told);
        {
            const std::lock_guard lock{mutex_};
            if (known_.size() + beginning_ >= limits_.batches)
                return Error{ErrorKind::full, "there are too many batches"};
        }
        const auto bytes = StoredBatch::empty_bytes(manifest);
        if (const auto room = make_room(names, bytes, holder.has_value()); !room) return room;
        const Room room{*this, bytes};
        {
            const std::lock_guard lock{mutex_};
            const auto left = left_over_.find(root);
            if (known_.contains(root) || busy_.contains(root) ||
                (left != left_over_.end() && !left->second.is_empty))
                continue;
            busy_.insert(root);
            ++beginning_;
        }
        return begin(names, manifest, holder);
    }
    return is_busy();
}

/// With `names`. What is left of an earlier life goes; and whoever announces a root first may have
/// lied about all that the root does not say: whoever holds the batch is believed instead.
Result<void> DiskBatches::clear_way(Names& names, const BatchManifest& manifest,
                                    const std::optional<std::string>& holder)
{
    Batch of_others;
    bool is_left_over = false;
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(manifest.root);
        if (found != known_.end() && holder && found->second.holders.empty())
            of_others = found->second.batch;
        const auto left = left_over_.find(manifest.root);
        is_left_over = left != left_over_.end() && !left->second.is_empty;
    }
    if (is_left_over) return sweep(names, manifest.root);
    if (!of_others) return {};
    const auto said = of_others->manifest();
    if (said && *said == manifest) return {};
    return erase(names, manifest.root);
}

/// With `names_mutex_`.
std::optional<Result<void>> DiskBatches::join(const BatchManifest& manifest,
                                              const std::optional<std::string>& holder)
{
    Batch there;
    std::vector<std::string> holders;
    {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(manifest.root);
        if (found == known_.end()) return {};
        there = found->second.batch;
        holders = found->second.holders;
    }
    const auto summary = there->summary();
    if (summary.chunks != manifest.chunks || summary.bytes != manifest.bytes)
        return invalid("the batch of this root has other sizes");
    if (!holder || std::ranges::find(holders, *holder) != holders.end()) return Result<void>{};
    holders.push_back(*holder);
    return change_holders(manifest.root, std::move(holders));
}

/// With `names`, a place in `busy_` and `beginning_`, and room.
Result<void> DiskBatches::begin(Names& names, const BatchManifest& manifest,
                                const std::optional<std::string>& holder)
{
    BatchMark mark{1, clock_.wall().value, {}};
    if (holder) mark.holders.push_back(*holder);
    names.unlock();
    auto batch = StoredBatch::create(place_of(manifest.root), manifest, mark);
    names.lock();
    set_free(manifest.root);
    const std::lock_guard lock{mutex_};
    --beginning_;
    if (!batch) return batch.error();
    left_over_.erase(manifest.root);
    const auto stored = (*batch)->stored_bytes();
    total_ += stored;
    known_[manifest.root] = {std::move(*batch), stored, mark.used_ms, mark.used_ms, mark.holders};
    return {};
}

}  // namespace node
