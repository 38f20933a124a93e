#include "wallet/cli/data_transfer_commands.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/base/ip_address.hpp"
#include "wallet/batches/fetch_batch.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/keys/private_files.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

constexpr std::size_t most_providers = 16;

struct DataTransferOptions {
    std::string batch, token_file, to;
    std::vector<std::string> roots, from;
    std::uint64_t rate = 0;
    bool private_addresses = false;
};

/// The operator's token, from a file that nobody else can read; empty without one.
std::shared_ptr<const ledger::SecretBytes> token_of(const std::string& file)
{
    if (file.empty()) return nullptr;
    auto text = must(read_private_file(file, 8'192));
    const auto end = text.find_last_not_of(" \r\n\t");
    auto token = std::make_shared<const ledger::SecretBytes>(
        ledger::SecretBytes::copy_of(ledger::as_bytes(std::string_view{text}.substr(0, end + 1))));
    ledger::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return token;
}

void put(const Session& session, const DataTransferOptions& options)
{
    auto batch = must(BatchFolder::open(options.batch));
    const BatchClient client{must(parse_url(session.settings.node)),
                             {session.settings.authorities},
                             token_of(options.token_file)};
    ProgressBar bar{"sending", batch.manifest().bytes};
    const auto sent = must(client.put(batch, bar.teller()));
    session.show({{"root", ledger::to_hex0x(batch.manifest().root.view())},
                  {"node", client.url().origin()},
                  {"bytes", batch.manifest().bytes},
                  {"sent", sent}},
                 [&] {
                     std::cout << "root     " << ledger::to_hex0x(batch.manifest().root.view())
                               << "\nsent     " << bytes_text(sent) << " of "
                               << bytes_text(batch.manifest().bytes) << " to "
                               << client.url().origin() << "\n";
                 });
}

ledger::Hash root_of(const std::string& text)
{
    const auto root = ledger::id_from_hex<ledger::Hash>(text);
    if (!root || !text.starts_with("0x"))
        fail(Fault::usage, text + " is no root of a batch: 0x and 64 hex digits");
    return *root;
}

json fetched_json(const FetchedBatch& fetched)
{
    auto providers = json::array();
    for (const auto& one : fetched.told.providers)
        providers.push_back(
            {{"url", one.url},
             {"bytes", one.bytes},
             {"fault", one.dropped ? json(in_words(*one.dropped)) : json(nullptr)}});
    return {{"root", ledger::to_hex0x(fetched.manifest.root.view())},
            {"folder", fetched.folder.string()},
            {"bytes", fetched.manifest.bytes},
            {"fetched", fetched.told.bytes},
            {"providers", std::move(providers)}};
}

/// Those of which `own` says that they have the batch, which it was told by strangers: so only
/// where everybody could reach them, unless `own` is in a network of its own, as the others are
/// then.
void add_known(const Session& session, const DataTransferOptions& options, const BatchClient& own,
               const ledger::Hash& root, std::vector<BatchClient>& nodes)
{
    const auto known = own.providers(root);
    // A node that does not answer this may still have the batch.
    if (!known) return;
    const bool anywhere = options.private_addresses || ledger::is_private_host(own.url().host);
    std::size_t left_out = 0;
    for (const auto& text : *known) {
        auto url = must(parse_url(text));
        if (url.origin() == own.url().origin()) continue;
        if (!anywhere && ledger::is_private_host(url.host)) {
            ++left_out;
            continue;
        }
        if (nodes.size() == most_providers) break;
        nodes.emplace_back(std::move(url), HttpTrust{session.settings.authorities});
        if (!anywhere) nodes.back().keep_to_public_addresses();
        // Others may have the batch, too: a stranger that says "later" is not waited for.
        nodes.back().be_patient(1, std::chrono::seconds{1});
    }
    if (left_out != 0)
        session.note(std::to_string(left_out) +
                     " that say they have the batch are at addresses that are not public and are "
                     "not asked; --private-addresses asks them");
}

/// The nodes that were named; without them our own, and those of which it says that they have this
/// batch. What they send is checked against the root, so that its word is enough.
std::vector<BatchClient> nodes_for(const Session& session, const DataTransferOptions& options,
                                   const ledger::Hash& root)
{
    const HttpTrust trust{session.settings.authorities};
    std::vector<BatchClient> nodes;
    for (const auto& url : options.from) nodes.emplace_back(must(parse_url(url)), trust);
    if (!nodes.empty()) return nodes;
    const BatchClient own{must(parse_url(session.settings.node)), trust};
    nodes.push_back(own);
    add_known(session, options, own, root, nodes);
    return nodes;
}

void fetch(const Session& session, const DataTransferOptions& options)
{
    std::vector<ledger::Hash> roots;
    for (const auto& text : options.roots) roots.push_back(root_of(text));
    if (options.from.size() > most_providers) fail(Fault::usage, "at most 16 nodes with --from");
    auto batches = json::array();
    std::vector<FetchedBatch> all;
    for (const auto& root : roots) {
        const auto nodes = nodes_for(session, options, root);
        const auto folder = std::filesystem::path{options.to} / ledger::to_hex0x(root.view());
        all.push_back(must(fetch_batch(nodes, must(manifest_of(nodes, root)), folder, options.rate,
                                       show_progress)));
        batches.push_back(fetched_json(all.back()));
    }
    session.show({{"batches", std::move(batches)}}, [&] {
        for (const auto& fetched : all) {
            std::cout << "written  " << fetched.folder.string() << ", "
                      << bytes_text(fetched.manifest.bytes) << "\n";
            for (const auto& one : fetched.told.providers)
                std::cout << "from     " << one.url << ": " << bytes_text(one.bytes)
                          << (one.dropped ? "; " + std::string{in_words(*one.dropped)} : "")
                          << "\n";
        }
    });
}

}  // namespace

void add_data_transfer_commands(CLI::App& data, Session& session)
{
    auto options = std::make_shared<DataTransferOptions>();

    auto* putting = data.add_subcommand("put", "Store a sealed batch on a node");
    putting->footer(
        "Sends what the node has not got; asking again goes on where it ended.\n"
        "Example: millrace data put photos.batch --node https://store.example "
        "--token-file operator.token");
    putting->add_option("BATCH", options->batch, "folder of the batch")->required();
    putting->add_option("--token-file", options->token_file,
                        "file with the token of the node's operator, for that node alone");
    putting->callback([=, &session] { put(session, *options); });

    auto* fetching =
        data.add_subcommand("fetch", "Fetch sealed batches from several nodes at once");
    fetching->footer(
        "Each chunk is checked against the batch's root before it is kept, so no node is "
        "believed.\n"
        "Without --from it asks the node of --node, and those of which that says that they have "
        "the\n"
        "batch, 16 at most: only at public addresses, unless that node is itself at one of this\n"
        "machine or a private network.\n"
        "Writes DIR/ROOT; what is not whole stands in DIR/ROOT.partial, and the same command goes\n"
        "on from there.\n"
        "Example: millrace data fetch 0x5a… --to batches\n"
        "         millrace data fetch 0x5a… --from http://a:8700 --from http://b:8700 --to "
        "batches");
    fetching->add_option("ROOT", options->roots, "root of a batch, 0x…; may be repeated")
        ->required();
    fetching->add_option("--from", options->from,
                         "a node that has it, and no others; may be repeated");
    fetching->add_flag("--private-addresses", options->private_addresses,
                       "ask nodes that are not named with --from at any address");
    fetching->add_option("--to", options->to, "folder to write into")->required();
    fetching->add_option("--rate", options->rate, "bytes a second at most; 0 for no limit");
    fetching->callback([=, &session] { fetch(session, *options); });
}

}  // namespace wallet::cli
