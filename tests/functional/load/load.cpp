// Load for the crash tests: sends transfers and pays for calls until the node is gone, and writes
// down what the node has promised. What was in flight when it died is sent again unchanged by the
// next run: it must be answered, and must not cost twice.
#include "tests/functional/load/caller.hpp"
#include "tests/functional/load/chain_caller.hpp"
#include "tests/functional/load/facts.hpp"
#include "tests/functional/load/transfer_caller.hpp"

#include "ledger/crypto/address.hpp"
#include "market/message.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <fstream>
#include <iostream>
#include <thread>

namespace load {
namespace {

struct Options {
    std::string node, key, target, body, folder;
    unsigned transfers = 2;
    unsigned calls = 2;
    unsigned single_calls = 1;
    unsigned chain_calls = 1;
    double seconds = 10;
    unsigned faults = 0;
    std::uint64_t seed = 1;
};

/// How often in a row a transfer may be refused because an earlier one, unanswered when a node
/// died, waits or is final in its place.
constexpr int most_refusals = 100;
/// A node that has just started may take a transfer whose nonce is used already in blocks it has
/// not seen yet; that one becomes final never, so nobody waits for it longer than this.
constexpr unsigned wait_s = 5;

/// Final transfers, one after the other in a lane of their own.
void send_transfers(const Parts& parts, ledger::Lane lane)
{
    const auto sender = ledger::address_of(parts.key);
    const auto account = parts.client.account(sender, lane);
    if (!account) return;
    auto nonce = account->nonce;
    int refusals = 0;
    const market::Message message =
        market::Transfer{ledger::Address::of(ledger::Bytes(20, 0x11)), ledger::Amount::micros(1)};
    while (!parts.over()) {
        auto envelope = market::make_transaction(
            sender, lane, nonce, parts.network->params().min_fee, parts.now_s() + 300, message);
        const auto id = market::transaction_id(parts.network->transactions, envelope, message);
        envelope.signature = ledger::sign(parts.key, ledger::retag<ledger::Hash>(id));
        const auto began = std::chrono::steady_clock::now();
        const auto sent = parts.client.submit(ledger::encode_transaction(envelope), wait_s);
        if (!sent && sent.error().fault == wallet::Fault::refused && ++refusals < most_refusals) {
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
            const auto present = parts.client.account(sender, lane);
            if (!present) return;
            nonce = present->nonce;
            continue;
        }
        if (!sent) {
            if (sent.error().fault == wallet::Fault::refused)
                parts.facts.fault("transfer refused: " + sent.error().message);
            return;
        }
        if (!sent->height) continue;
        refusals = 0;
        parts.facts.final_transaction(id, *sent->height,
                                      std::chrono::duration_cast<std::chrono::microseconds>(
                                          std::chrono::steady_clock::now() - began));
        ++nonce.value;
    }
}

int run(int argc, char** argv)
{
    Options options;
    CLI::App app{"Load a node until it is gone; writes what it promised to FOLDER/facts"};
    app.add_option("--node", options.node, "URL")->required();
    app.add_option("--key", options.key, "file with the hex key of a funded account")->required();
    app.add_option("--target", options.target, "path of the infer route")->required();
    app.add_option("--body", options.body, "file with the request")->required();
    app.add_option("--folder", options.folder, "for facts and for calls in flight")->required();
    app.add_option("--transfers", options.transfers, "threads that send tokens");
    app.add_option("--calls", options.calls, "threads that pay for calls");
    app.add_option("--single-calls", options.single_calls,
                   "threads that pay each call by a transfer");
    app.add_option("--chain-calls", options.chain_calls,
                   "threads that pay for calls by links of a hash chain");
    app.add_option("--seconds", options.seconds, "end by then");
    app.add_option("--faults", options.faults,
                   "of a hundred calls paid by vouchers so many go wrong on their way first");
    app.add_option("--seed", options.seed, "of the faults");
    CLI11_PARSE(app, argc, argv);

    const auto read = [](const std::string& path) {
        std::ifstream file{path, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    const auto hex = ledger::from_hex(read(options.key).substr(0, 66));
    const auto key = ledger::SecretKey::from_bytes(hex.value_or(ledger::Bytes{}));
    const auto url = wallet::parse_url(options.node);
    if (!key || !url) {
        std::cerr << "load: the key or the URL is no good\n";
        return 2;
    }
    const wallet::LedgerClient client{wallet::HttpClient{*url}};
    const auto network = client.network();
    if (!network) return 0;  // gone already
    Facts facts{options.folder};
    std::atomic<bool> over{false};
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::duration<double>(options.seconds);
    const Parts parts{
        client,         *network,
        *key,           facts,
        options.target, read(options.body),
        options.folder, [&] { return over || std::chrono::steady_clock::now() > end; },
        options.faults, options.seed};
    std::atomic<std::uint64_t> faults{0};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options.transfers; ++i)
        threads.emplace_back([&, i] { send_transfers(parts, ledger::Lane{10 + i}); });
    for (unsigned i = 0; i < options.calls; ++i)
        threads.emplace_back([&, i] {
            Caller caller{parts, i + 1};
            caller.pay_for_calls();
            faults += caller.faults();
        });
    for (unsigned i = 0; i < options.single_calls; ++i)
        threads.emplace_back([&, i] { TransferCaller{parts, i + 1}.pay_for_calls(); });
    for (unsigned i = 0; i < options.chain_calls; ++i)
        threads.emplace_back([&, i] { ChainCaller{parts, 1'000 + i}.pay_for_calls(); });
    for (auto& thread : threads) thread.join();
    if (options.faults != 0) facts.faults_made(faults);
    return facts.faults() == 0 ? 0 : 3;
}

}  // namespace
}  // namespace load

int main(int argc, char** argv)
{
    return load::run(argc, argv);
}
