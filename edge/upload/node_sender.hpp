#pragma once

#include "edge/outbox/sender.hpp"
#include "web/http_client.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

namespace edge {

/// Delivers batches to a node that keeps an inbox for the dataset (docs/api.md, "What devices
/// bring"): first what the device signed, then the sealed bytes, of which only those are sent that
/// the node has not got. It has a batch for good once it says that it is complete. The node is
/// believed nothing else, and can do no more than not take a batch.
///
/// After a failure it is left alone for a while, longer each time: the same error is returned
/// without asking. `unavailable` for what passes (no network, a busy node), `denied` for what the
/// node refuses, in its words. One thread.
class NodeSender final : public Sender {
public:
    using Now = std::function<std::chrono::steady_clock::time_point()>;

    NodeSender(web::NodeUrl url, web::HttpTrust trust, const ledger::PublicKey& device,
               Now now = std::chrono::steady_clock::now);

    ledger::Result<void> send(const StoredBatch& batch) override;
    void forget(std::uint64_t) override {}

    static constexpr std::chrono::seconds first_rest{1};
    static constexpr std::chrono::seconds longest_rest{60};

private:
    struct Progress;

    ledger::Result<void> deliver(const StoredBatch& batch);
    ledger::Result<bool> announce(const StoredBatch& batch);
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
};

}  // namespace edge
