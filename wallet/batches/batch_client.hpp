#pragma once

#include "ledger/crypto/secret.hpp"
#include "ledger/transfer/batch_status.hpp"
#include "ledger/transfer/provider.hpp"
#include "wallet/client/http_client.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <chrono>
#include <functional>

namespace wallet {

/// A node that keeps batches. What it says is a stranger's word: chunks and leaves are checked
/// where they are kept. Failures beside those of HttpClient: those of the node, in its own words.
/// Any number of threads.
class BatchClient {
public:
    /// `token` of the node's operator, or empty.
    BatchClient(NodeUrl url, HttpTrust trust, std::shared_ptr<const ledger::SecretBytes> token = {})
        : url_{std::move(url)}, trust_{std::move(trust)}, token_{std::move(token)}
    {
    }
    /// How often a busy node is waited for before that is a failure; each time for as long as it
    /// asks, at most `longest`.
    void be_patient(unsigned waits, std::chrono::seconds longest)
    {
        most_waits_ = waits;
        longest_wait_ = longest;
    }

    /// For a node that a stranger named: it is asked at no address but a public one.
    void keep_to_public_addresses() { public_alone_ = true; }

    Outcome<ledger::transfer::BatchManifest> manifest(const ledger::Hash& root) const;
    /// Addresses of the nodes that it has heard say that they have this batch, each once.
    Outcome<std::vector<std::string>> providers(const ledger::Hash& root) const;
    /// Sends what the node has not got of a batch; `progress` is told the bytes that it has. How
    /// many were sent. Waits where the node asks for patience.
    Outcome<std::uint64_t> put(BatchFolder& batch,
                               const std::function<void(std::uint64_t)>& progress) const;
    /// For a fetch.
    ledger::transfer::WebGet get() const;

    const NodeUrl& url() const { return url_; }

private:
    Outcome<HttpReply> send(HttpRequest request) const;
    Outcome<ledger::transfer::BatchStatus> announce(const BatchManifest& manifest) const;
    Outcome<void> put_table(const BatchFolder& batch) const;
    Outcome<ledger::transfer::ChunkSet> have(const BatchManifest& manifest) const;

    NodeUrl url_;
    HttpTrust trust_;
    std::shared_ptr<const ledger::SecretBytes> token_;
    unsigned most_waits_ = 120;
    std::chrono::seconds longest_wait_{60};
    bool public_alone_ = false;
};

}  // namespace wallet
