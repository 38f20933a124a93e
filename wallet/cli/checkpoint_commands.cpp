#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

using ledger::light::TrustedCheckpoint;

json document_of(const Session& session, const KeptCheckpoint& kept)
{
    const auto network = session.network();
    const auto& trusted = kept.trusted;
    const auto id = ledger::block_id(trusted.anchor);
    return {{"network", network->genesis.name},
            {"genesisId", ledger::to_hex0x(trusted.genesis_id.view())},
            {"epoch", trusted.epoch},
            {"height", trusted.anchor.height.value},
            {"blockId", ledger::to_hex0x(id.view())},
            {"validators", trusted.validators.size()},
            {"seenMs", kept.seen_ms.value},
            {"tooOld", is_too_old(network->genesis, kept, now_ms())},
            {"file", session.checkpoint_file().path().string()},
            {"checkpoint", ledger::codec::to_json(trusted)}};
}

void print_checkpoint(const json& document)
{
    std::cout << "network     " << document["network"].get<std::string>() << "\nepoch       "
              << document["epoch"] << ", of " << document["validators"]
              << " validators\nbegan with  block " << document["height"] << "\nblock id    "
              << document["blockId"].get<std::string>() << "\nlast seen   "
              << time_text({document["seenMs"].get<std::uint64_t>()})
              << (document["tooOld"].get<bool>() ? ", too long ago to rely on" : "") << "\n";
}

void show(const Session& session, const KeptCheckpoint& kept)
{
    const auto document = document_of(session, kept);
    session.show(document, [&] { print_checkpoint(document); });
}

/// The checkpoint with that id, which the node need not be trusted for: the id is a hash of it.
TrustedCheckpoint by_id(const Session& session, const std::string& text)
{
    const auto id = ledger::id_from_hex<ledger::BlockId>(text);
    if (!id) fail(Fault::usage, text + " is no block id (0x and 64 hex digits), and no file");
    const auto answer =
        must(session.client().get("/v1/checkpoint?block=" + ledger::to_hex0x(id->view())));
    auto read = ledger::light::parse_checkpoint(answer.dump());
    if (!read) fail(Fault::unverified, "the node's " + read.error().detail);
    if (ledger::block_id(read->anchor) != *id)
        fail(Fault::unverified, "the node shows the checkpoint of another block");
    return std::move(*read);
}

TrustedCheckpoint in_file(const std::string& path)
{
    const auto bytes = read_input(path, ledger::light::CheckpointLimits::json_bytes);
    auto parsed = must(ledger::codec::parse_json(ledger::as_text(bytes)));
    // What `checkpoint show --json` prints has it as a member.
    if (parsed.is_object() && parsed.contains("checkpoint")) parsed = json(parsed["checkpoint"]);
    return must(ledger::light::parse_checkpoint(parsed.dump()));
}

void trust(const Session& session, const std::string& what)
{
    const auto network = session.network();
    const KeptCheckpoint given{what.starts_with("0x") ? by_id(session, what) : in_file(what),
                               now_ms()};
    must(ProofClient::begin(session.client(), *network, given.trusted));
    const auto file = session.checkpoint_file();
    const auto& anchor = given.trusted.anchor;
    session.note("epoch " + std::to_string(given.trusted.epoch) + ", begun by block " +
                 std::to_string(anchor.height.value) + " (" +
                 ledger::to_hex0x(ledger::block_id(anchor).view()) + ") at " +
                 time_text(anchor.time_ms));
    if (const auto there = must(file.load()); there && there->trusted != given.trusted)
        session.note("instead of epoch " + std::to_string(there->trusted.epoch) + ", block " +
                     std::to_string(there->trusted.anchor.height.value));
    session.confirm("Do you have this from somebody you trust, as the epoch that goes on now?");
    must(file.replace(given));
    show(session, given);
}

void update(const Session& session)
{
    must(session.proofs().catch_up());
    session.keep_checkpoint();
    show(session, session.kept_checkpoint());
}

}  // namespace

void add_checkpoint_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand("checkpoint", "From where on --verify believes nobody");
    group->require_subcommand(1);
    group->footer(
        "A checkpoint is the block that opened an epoch and the validators it names. All that "
        "--verify shows\nis proven from there. It begins with the genesis and moves on as epochs "
        "are proven to have ended. One\nthat was not used for longer than validators' stakes take "
        "to unbond is refused, for those who left\ncould sign another history at no cost.");

    group->add_subcommand("show", "The checkpoint in use")->callback([&session] {
        show(session, session.kept_checkpoint());
    });

    auto what = std::make_shared<std::string>();
    auto* one = group->add_subcommand("trust", "Begin from a checkpoint that somebody vouches for");
    one->footer(
        "Examples: millrace checkpoint trust 0x...   # id of the block that opened the epoch\n"
        "          millrace checkpoint trust FILE    # as checkpoint show --json prints it");
    one->add_option("WHAT", *what, "a block id, a file, or - for stdin")->required();
    one->callback([=, &session] { trust(session, *what); });

    group->add_subcommand("update", "Prove the way to the newest epoch, and keep it")
        ->callback([&session] { update(session); });
}

}  // namespace wallet::cli
