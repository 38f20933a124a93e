#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

/// Puts what is proven in the place of what the node says, and drops what is not.
void show_only_proven(json& document, const ProvenBlock& proven, const std::string& which)
{
    const auto& block = proven.block;
    const auto id = ledger::to_hex0x(block.id.view());
    if (const auto height = ledger::codec::parse_decimal(which);
        (height && *height != block.header.height.value) ||
        (which.starts_with("0x") && which != id))
        fail(Fault::unverified, "the node shows another block than the one asked for");
    document["id"] = id;
    document["header"] = ledger::codec::to_json(block.header);
    document["receipts"] = ledger::codec::to_json(proven.receipts);
    document["txs"] = json::array();
    for (const auto& receipt : proven.receipts)
        document["txs"].push_back(ledger::codec::to_json(receipt.tx_id));
    document["proof"] = proof_json(block);
    document.erase("certificate");
}

void show_block(const Session& session, const std::string& which, bool verify)
{
    const auto target = "/v1/blocks/" + url_segment(which) + "?raw=1";
    auto document = must(session.client().get(target));
    const auto proven = [&]() -> std::optional<ProvenBlock> {
        if (!verify) return {};
        auto held = must(session.proofs().block(document));
        session.keep_checkpoint();
        return held;
    }();
    if (proven) show_only_proven(document, *proven, which);
    const auto header = must(ledger::codec::from_json<ledger::Header>(document["header"]));
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
            std::cout << "verified  header, transactions and receipts: "
                      << proof_text(proven->block) << "\n";
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
    block->add_flag(
        "--verify", options->verify,
        "check it against the trusted checkpoint, and transactions and receipts against it");
    block->callback([=, &session] { show_block(session, options->which, options->verify); });
}

}  // namespace wallet::cli
