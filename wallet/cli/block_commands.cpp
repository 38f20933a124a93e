#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"

#include <ctime>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

std::string time_text(ledger::TimeMs time)
{
    const auto seconds = static_cast<std::time_t>(time.value / 1000);
    std::tm parts{};
    char text[32] = "";
    if (gmtime_r(&seconds, &parts) != nullptr)
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
    return text;
}

void show(const Session& session, const std::string& which, bool verify)
{
    const auto target = "/v1/blocks/" + url_segment(which) + "?raw=1";
    auto document = must(session.client().get(target));
    const auto proven = [&]() -> std::optional<ProvenBlock> {
        if (!verify) return {};
        return must(check_block(*session.network(), document));
    }();
    const auto header = must(ledger::codec::from_json<ledger::Header>(document["header"]));
    if (proven && proven->proven.header != header)
        fail(Fault::unverified, "the node shows another header than the one it proves");
    for (const char* raw : {"headerHex", "bodyHex", "receiptsHex", "certificateHex"})
        document.erase(raw);
    document["verified"] = verify;
    session.show(document, [&] {
        std::cout << "height    " << header.height.value << "\nid        "
                  << document["id"].get<std::string>() << "\nparent    "
                  << ledger::to_hex0x(header.parent_id.view()) << "\ntime      "
                  << time_text(header.time_ms) << "\nstate     "
                  << ledger::to_hex0x(header.state_root.view()) << "\ntxs       " << header.tx_count
                  << "\n";
        for (const auto& id : document["txs"]) std::cout << "  " << id.get<std::string>() << "\n";
        if (proven)
            std::cout << "verified  header, transactions and receipts; signed by "
                      << proven->proven.signatures << " of the genesis validators\n";
    });
}

}  // namespace

void add_block_commands(CLI::App& app, Session& session)
{
    struct Options {
        std::string which = "latest";
        bool verify = false;
    };
    auto options = std::make_shared<Options>();
    auto* block = app.add_subcommand("block", "Show a block");
    block->footer("Examples: millrace block\n          millrace block 12 --verify");
    block->add_option("WHICH", options->which, "a height, an id, or latest");
    block->add_flag("--verify", options->verify,
                    "check certificate, transactions and receipts against the header");
    block->callback([=, &session] { show(session, options->which, options->verify); });
}

}  // namespace wallet::cli
