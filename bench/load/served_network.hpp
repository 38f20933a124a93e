#pragma once

#include "ledger/crypto/secp256k1.hpp"
#include "market/message.hpp"
#include "market/network.hpp"
#include "node/app/node.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// A node of a network of one validator in a temporary folder, that serves models: `free-*`
/// without a price and `paid-*` registered on the ledger at a flat price. The folder goes with it.
class ServedNetwork {
public:
    static constexpr std::uint64_t price_micros = 1'000;

    struct Model {
        std::string name;  ///< "mlp" or "cnn": served as free-NAME and paid-NAME
        ledger::Bytes onnx;
        std::uint32_t batch = 1;  ///< rows of calls that may share a run
    };
    explicit ServedNetwork(const std::vector<Model>& models);
    ~ServedNetwork();

    std::uint16_t port() const { return node_->http_port(); }
    const market::Network& network() const { return *network_; }
    const std::filesystem::path& folder() const { return folder_; }

    /// Sends a message as `sender` and waits until it is final; stops the program when refused.
    void apply(const ledger::SecretKey& sender, const market::Message&);

    /// An account with money of its own.
    static ledger::SecretKey payer(std::size_t index);
    static constexpr std::size_t payers = 64;

private:
    void register_model(const std::string& name, const ledger::Bytes& onnx);

    std::filesystem::path folder_;
    std::unique_ptr<market::Network> network_;
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<ledger::SecretKey> host_;
    std::map<ledger::Address, std::uint64_t> nonces_;
};

/// One request and its answer on a connection of its own; stops the program when it fails.
struct Answer {
    unsigned status{};
    std::string body;
    std::string payment_required;  ///< the header, decoded to JSON text
};
Answer ask(std::uint16_t port, const std::string& method, const std::string& path,
           const std::string& body);

}  // namespace bench
