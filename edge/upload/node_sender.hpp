#pragma once

#include "edge/outbox/sender.hpp"
#include "web/http_client.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace edge {

/// Delivers batches to a node that keeps an inbox for the dataset (docs/api.md, "What devices
/// bring"): first what the device signed, then the sealed bytes, of which only those are sent that
/// the node has not got. The node is trusted to keep what it says that it has; it can read none of
/// it.
///
/// After a failure it is left alone for a while, longer each time: the same error is returned
/// without asking. A batch that it refuses is not offered to it again for an hour. On a slow line
/// pieces get smaller until one comes through. `unavailable` for what passes or is about the node
/// (no network, busy, no inbox), `denied` for a batch that is refused, in the node's words. One
/// thread.
class NodeSender final : public Sender {
public:
    using Now = std::function<std::chrono::steady_clock::time_point()>;

    NodeSender(web::NodeUrl url, web::HttpTrust trust, const ledger::PublicKey& device,
               Now now = std::chrono::steady_clock::now);

    ledger::Result<void> send(const StoredBatch& batch) override;
    void forget(std::uint64_t number) override { refused_.erase(number); }
    /// Not where it would not be asked.
    bool may_take_long(std::uint64_t number) const override;

    static constexpr std::chrono::seconds first_rest{1};
    static constexpr std::chrono::seconds longest_rest{60};
    static constexpr std::chrono::hours rest_of_refused{1};

private:
    struct Progress;

    struct Refusal {
        std::chrono::steady_clock::time_point until;
        ledger::Error why;
    };

    /// Why the node is not asked now.
    std::optional<ledger::Error> rests(std::uint64_t number) const;
    ledger::Result<const ledger::Bytes*> leaves_of(const StoredBatch& batch);
    ledger::Result<void> deliver(const StoredBatch& batch);
    ledger::Result<bool> announce(const StoredBatch& batch);
    ledger::Result<void> bring(const StoredBatch& batch);
    ledger::Result<Progress> progress(const StoredBatch& batch);
    ledger::Result<void> put_table(const StoredBatch& batch, const ledger::Bytes& leaves,
                                   std::uint64_t from);
    ledger::Result<void> put_chunks(const StoredBatch& batch, const Progress& there);
    ledger::Result<web::HttpReply> ask(web::HttpRequest request);

    web::HttpClient client_;
    ledger::PublicKey device_;
    Now now_;
    std::chrono::seconds rest_{0};
    std::chrono::steady_clock::time_point not_before_{};
    std::optional<ledger::Error> last_;
    std::map<std::uint64_t, Refusal> refused_;
    std::uint64_t piece_chunks_;  ///< sent at once
    /// Of the batch that was checked last, so that a node that is away costs no reading.
    std::optional<std::pair<ledger::Hash, ledger::Bytes>> checked_;
};

}  // namespace edge
