#include "bench/load/served_network.hpp"

#include "inference/model/inspect.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "node/app/config.hpp"
#include "node/core/genesis_block.hpp"
#include "node/env/clock.hpp"
#include "node/env/files.hpp"
#include "node/payment/base64.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <cstdlib>
#include <iostream>

namespace bench {

using namespace ledger;
namespace fs = std::filesystem;

namespace {

void need(bool good, const std::string& what)
{
    if (good) return;
    std::cerr << "bench: " << what << "\n";
    std::exit(1);
}

}  // namespace

SecretKey ServedNetwork::payer(std::size_t index)
{
    return *SecretKey::from_bytes(sha256(as_bytes("bench payer " + std::to_string(index))).view());
}

Answer ask(std::uint16_t port, const std::string& method, const std::string& path,
           const std::string& body)
{
    namespace http = boost::beast::http;
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket{io};
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(path);
    request.version(11);
    request.set(http::field::host, "localhost");
    request.body() = body;
    request.prepare_payload();
    http::write(socket, request);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(socket, buffer, response);
    Answer answer{response.result_int(), response.body(), {}};
    if (const auto found = response.find("PAYMENT-REQUIRED"); found != response.end()) {
        const auto decoded = node::from_base64({found->value().data(), found->value().size()});
        need(decoded.has_value(), "PAYMENT-REQUIRED is not base64");
        answer.payment_required = std::string{as_text(*decoded)};
    }
    return answer;
}

ServedNetwork::ServedNetwork(const std::vector<Model>& models)
{
    auto pattern = (fs::temp_directory_path() / "millrace-bench-XXXXXX").string();
    need(::mkdtemp(pattern.data()) != nullptr, "no temporary folder");
    folder_ = pattern;
    const node::Home home{folder_ / "home"};
    SystemRandom random;
    node::InitOptions options;
    for (std::size_t i = 0; i < payers; ++i)
        options.balances.push_back({address_of(payer(i)), Amount::micros(1'000'000'000'000)});
    // The node's own account is drawn by init; it is paid by the first payer below.
    const auto made = node::init_home(home, options, random, node::SystemClock{}.wall());
    need(made.has_value(), made ? "" : made.error().detail);
    const auto genesis = *node::read_genesis(home);
    network_ = std::make_unique<market::Network>(genesis, *node::genesis_id(genesis));
    host_ = std::make_unique<SecretKey>(std::move(*node::read_key(home.host_key())));

    node::Config config;
    config.http.port = 0;
    config.peers.port = 0;
    config.log.level = "off";
    const auto owner = to_hex0x(address_of(*host_).view());
    for (const auto& model : models) {
        const auto path = folder_ / (model.name + ".onnx");
        need(node::write_file(path, model.onnx).has_value(), "cannot write the model");
        node::ModelConfig free;
        free.name = "free-" + model.name;
        free.files = {path.string()};
        free.queue = 1024;
        free.batch.max = model.batch;
        auto paid = free;
        paid.name = "paid-" + model.name;
        paid.model = owner + "/" + model.name;
        config.host.models.push_back(free);
        config.host.models.push_back(paid);
    }
    config.claims.cap = Amount::max();
    config.claims.every_s = 86'400;
    auto node = node::Node::start(home, config);
    need(node.has_value(), node ? "" : node.error().detail);
    node_ = std::move(*node);

    apply(payer(0), market::Transfer{address_of(*host_), Amount::micros(500'000'000'000)});
    apply(*host_,
          market::HostRegister{"http://localhost", genesis.params.min_bond, address_of(*host_)});
    for (const auto& model : models) register_model(model.name, model.onnx);
}

ServedNetwork::~ServedNetwork()
{
    node_->stop();
    node_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void ServedNetwork::apply(const SecretKey& sender, const market::Message& message)
{
    const auto address = address_of(sender);
    auto transaction = market::make_transaction(address, {0}, {nonces_[address]++},
                                                network_->params().min_fee, 0, message);
    const auto id = market::transaction_id(network_->transactions, transaction, message);
    transaction.signature = sign(sender, retag<Hash>(id));
    const auto answer = ask(port(), "POST", "/v1/transactions?wait=final",
                            R"({"tx":")" + to_hex0x(encode_transaction(transaction)) + R"("})");
    const auto parsed = codec::parse_json(answer.body);
    need(answer.status == 200 && parsed && (*parsed)["receipt"]["status"] == "applied",
         std::string{market::name_of(message)} + " was not applied: " + answer.body);
}

void ServedNetwork::register_model(const std::string& name, const Bytes& onnx)
{
    const auto owner = address_of(*host_);
    const auto id = market::model_id(owner, name);
    const auto summary = inference::inspect_model(onnx);
    need(summary.has_value(), summary ? "" : summary.error().detail);
    apply(*host_, market::ModelRegister{name, Hash{}});
    market::ModelVersion version;
    version.model = id;
    version.ver = market::Version{1};
    version.content_id = retag<market::ContentId>(summary->content_id);
    version.format = "onnx";
    version.license = "MIT";
    version.price_sheet = {network_->genesis.asset.address,
                           Amount::micros(price_micros),
                           {},
                           Amount::micros(1),
                           Amount::micros(price_micros)};
    apply(*host_, version);
    market::ModelHost hosting;
    hosting.agreement = {id, market::Version{1}, owner, {500'000}, 0, 0};
    apply(*host_, hosting);
}

}  // namespace bench
