#pragma once

#include "market/state/state.hpp"
#include "node/blobs/wanted_roots.hpp"
#include "node/board/batch_news.hpp"
#include "node/board/board_note.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace node {

/// Who brings a batch: each of the two has room of its own, so that neither can take the other's.
enum class BatchSide { tenant, provider };

/// The name by which batches of one side are held for an order: a holder's name is too short for
/// all of its id.
std::string lease_holder(const market::GpuOrderId&, BatchSide = BatchSide::tenant);
/// Whether nothing comes any more of the orders that hold by this name.
bool is_holder_over(const market::View&, const std::string& holder, ledger::TimeMs now);

struct BoardRootLimits {
    std::uint64_t bytes = std::uint64_t{4} << 30;  ///< of the batches of one side of an order
    std::size_t batches = 1'024;                   ///< likewise
    std::size_t all = 65'536;                      ///< of all orders
};

/// Batches that parties to orders are about to bring: anybody may put them, since notes say which
/// they are, and they are held until their order is over. What is held outlives the process, what
/// was only announced does not. Any thread.
class BoardRoots final : public WantedRoots {
public:
    /// Begins with what `store` holds for orders; it must outlive this.
    explicit BoardRoots(BatchStore& store, const BoardRootLimits& limits = {});

    /// From now on the batch is wanted for this order; `full` over the limits. Does not touch the
    /// disk.
    std::optional<NoteRefusal> announce(const market::GpuOrderId&, const BatchNews&,
                                        BatchSide = BatchSide::tenant);
    /// Holds what is here already of a batch that was announced. Blocks on the disk.
    [[nodiscard]] ledger::Result<void> hold(const ledger::Hash& root);

    /// Lets go of what is held for orders that are over, as `is_over` says of the holder's name.
    /// Blocks on the disk; what that refuses is tried again the next time.
    void release(const std::function<bool(const std::string& holder)>& is_over);

    bool wants(const ledger::Hash& root) const override;
    bool takes(const BatchManifest& manifest) const override;
    std::vector<std::string> holders(const BatchManifest& manifest) const override;

private:
    struct Wish {
        std::string holder;
        std::optional<ledger::Hash> manifest;
        std::uint64_t bytes{};
        bool fits(const BatchManifest&) const;
    };
    struct Share {
        std::uint64_t bytes{};
        std::size_t batches{};
    };
    void visit(const std::function<void(const BatchInfo&, const std::string& holder)>&) const;

    BatchStore& store_;
    const BoardRootLimits limits_;
    mutable std::mutex mutex_;
    std::map<ledger::Hash, std::vector<Wish>> wishes_;  ///< each of another holder or manifest
    std::map<std::string, Share> shares_;               ///< what each holder's wishes come to
};

}  // namespace node
