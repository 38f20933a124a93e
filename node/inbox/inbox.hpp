#pragma once

#include "market/messages/data.hpp"
#include "market/state/data_records.hpp"
#include "node/blobs/wanted_roots.hpp"
#include "node/payment/payment_journal.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

namespace node {

/// What a device has signed of a batch, and is about to bring or has brought.
struct WaitingBatch {
    market::DataContribute contribution;
    ledger::Hash manifest;  ///< SHA-256 of its batch.json as `transfer::manifest_text` writes it
    std::uint64_t at_ms{};
};
MILLRACE_DESCRIBE(WaitingBatch, (contribution, manifest, at_ms))

market::BatchKey key_of(const market::DataContribute& contribution);

struct InboxLimits {
    std::size_t waiting = 10'000;  ///< each dataset has its even share of these
    std::size_t of_device = 1'024;
};

struct InboxCounts {
    std::atomic<std::uint64_t> received = 0;
    std::atomic<std::uint64_t> refused = 0;
};

/// Contributions of devices that nobody has put on the ledger yet: for datasets that the operator
/// named, since whoever enrolls devices fills this node's disk with what they bring. They are in
/// the journal; the sealed bytes are batches like others, taken from anybody who brings the right
/// ones, and held in the operator's name until the operator lets go of them. Any thread.
class Inbox final : public WantedRoots {
public:
    using Done = std::function<void(ledger::Result<void>)>;

    static constexpr std::string_view table = "inbox";  ///< of the journal: key -> WaitingBatch

    /// `journal` must outlive this.
    Inbox(PaymentJournal& journal, std::set<market::DatasetId> datasets, InboxLimits limits = {})
        : journal_{journal}, datasets_{std::move(datasets)}, limits_{limits}
    {
    }

    /// Reads what waits for these datasets; before anything else.
    ledger::Result<void> rebuild();

    bool is_for(const market::DatasetId& dataset) const { return datasets_.contains(dataset); }
    /// What waits under this key, durably.
    std::optional<WaitingBatch> find(const market::BatchKey& key) const;
    /// Calls back once it is durable. `full` above the limits; `denied` where another batch waits
    /// under this key, or under this root; `unavailable` while this key is being written. The same
    /// contribution takes the place of the one that is there: it comes with another manifest.
    void put(WaitingBatch batch, Done done);
    /// The first so many of a dataset, after that key where one is given, in the order of keys.
    std::vector<WaitingBatch> list(const market::DatasetId& dataset,
                                   const std::optional<market::BatchRef>& after,
                                   std::size_t limit) const;
    /// It is on the ledger, or the operator does not want it. Calls back once that is durable;
    /// `not_found`, `unavailable` while this key is being written.
    void remove(const market::BatchKey& key, Done done);
    std::size_t size() const;

    bool wants(const ledger::Hash& root) const override;
    bool takes(const BatchManifest& manifest) const override;
    std::vector<std::string> holders(const BatchManifest& manifest) const override;

private:
    /// While a key is written nobody else may change it, so that memory and journal stay alike.
    struct Entry {
        WaitingBatch batch;
        bool is_new = true;       ///< not durable yet: nobody is told of it
        bool is_written = false;  ///< a write of it is under way
    };
    /// Outlives this where the journal calls back late.
    struct Kept {
        mutable std::mutex mutex;
        std::map<ledger::Bytes, Entry> entries;  ///< by the key's canonical bytes
        std::map<ledger::Hash, ledger::Bytes> roots;
        std::map<ledger::Address, std::size_t> of_device;
        std::map<market::DatasetId, std::size_t> of_dataset;

        void add(const ledger::Bytes& key, WaitingBatch batch);
        void erase(const ledger::Bytes& key);
    };
    ledger::Result<void> take(const WaitingBatch& batch, const ledger::Bytes& key,
                              std::optional<WaitingBatch>& before);

    PaymentJournal& journal_;
    const std::set<market::DatasetId> datasets_;
    const InboxLimits limits_;
    const std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
};

/// Whether everything that waits in the journal lies under its own key; `corrupt` names the first
/// that does not.
ledger::Result<void> check_waiting_batches(const PaymentJournal& journal);

}  // namespace node
