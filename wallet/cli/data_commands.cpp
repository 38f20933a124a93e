#include "ledger/base/hex.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/data_transfer_commands.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/cli/preview_commands.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/sealed/extract.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <iostream>
#include <memory>
#include <numeric>

namespace wallet::cli {
namespace {

struct BatchOptions {
    std::vector<std::string> paths, masters;
    std::string dataset, out, batch, master;
};

/// A public key in hex, or the name of a master key of this wallet.
ledger::X25519PublicKey master_of(const Session& session, const std::string& text)
{
    if (!text.starts_with("0x")) return must(session.masters().find(text)).key;
    const auto key = ledger::id_from_hex<ledger::X25519PublicKey>(text);
    if (!key) fail(Fault::usage, text + " is no master key: 0x and 64 hex digits, or a name");
    return *key;
}

json manifest_json(const BatchManifest& manifest)
{
    return json::parse(manifest_text(manifest));
}

void print(const BatchManifest& manifest)
{
    std::cout << "dataset  " << ledger::to_hex0x(manifest.dataset.view()) << "\nkey      "
              << ledger::to_hex0x(manifest.point.view()) << "\nroot     "
              << ledger::to_hex0x(manifest.root.view()) << "\nsealed   "
              << bytes_text(manifest.bytes) << " in " << manifest.chunks << " chunks\n";
    for (const auto& wrap : manifest.wraps)
        std::cout << "to       " << ledger::to_hex0x(wrap.to.view()) << "\n";
}

void seal(const Session& session, const BatchOptions& options)
{
    SealRequest request;
    request.items = must(find_items({options.paths.begin(), options.paths.end()}));
    request.dataset = ledger::retag<ledger::Hash>(dataset_of(session, options.dataset));
    for (const auto& master : options.masters)
        request.masters.push_back(master_of(session, master));
    request.folder = options.out;
    const auto bytes =
        std::accumulate(request.items.begin(), request.items.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const FoundItem& item) { return sum + item.size; });
    ProgressBar bar{"sealing", bytes};
    const auto manifest = must(seal_items(request, session.random(), bar.teller()));
    auto document = manifest_json(manifest);
    document["folder"] = options.out;
    document["items"] = request.items.size();
    session.show(document, [&] {
        std::cout << "files    " << request.items.size() << ", " << bytes_text(bytes) << "\n";
        print(manifest);
        std::cout << "written  " << options.out << "\n";
    });
}

void verify(const Session& session, const BatchOptions& options)
{
    auto batch = must(BatchFolder::open(options.batch));
    ProgressBar bar{"checking", batch.manifest().bytes};
    if (const auto whole = batch.verify(bar.teller()); !whole)
        throw Failure{Fault::unverified, whole.error().detail};
    session.show(manifest_json(batch.manifest()), [&] {
        print(batch.manifest());
        std::cout << "every chunk is the one that the root commits to\n";
    });
}

void open(const Session& session, const BatchOptions& options)
{
    auto batch = must(BatchFolder::open(options.batch));
    const auto key = must(batch.unwrap(session.unlock_master(options.master)));
    ProgressBar bar{"opening", batch.manifest().bytes};
    const auto extracted = must(extract(batch, key, options.out, bar.teller()));
    session.show(
        {{"folder", options.out}, {"items", extracted.items}, {"bytes", extracted.bytes}}, [&] {
            std::cout << "files    " << extracted.items << ", " << bytes_text(extracted.bytes)
                      << "\nwritten  " << options.out << "\n";
        });
}

}  // namespace

void add_data_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand(
        "data", "Seal data to a master key, keep it on nodes, sell and buy it, open it");
    group->require_subcommand(1);
    add_dataset_commands(*group, session);
    add_collect_command(*group, session);
    add_sale_commands(*group, session);
    add_annotate_commands(*group, session);
    add_preview_commands(*group, session);
    auto options = std::make_shared<BatchOptions>();

    auto* sealing = group->add_subcommand("seal", "Seal files and folders into one batch");
    sealing->footer(
        "Writes a folder with batch.json, batch.leaves and batch.sealed; none of them is secret.\n"
        "Only a master key opens it. Memory stays the same whatever the size.\n"
        "Example: millrace data seal photos/ --to farm --dataset leaves --out photos.batch");
    sealing->add_option("PATH", options->paths, "file or folder; may be repeated")->required();
    sealing
        ->add_option("--to", options->masters,
                     "master key: 0x and 64 hex digits, or a name; may be repeated")
        ->required();
    sealing->add_option("--dataset", options->dataset, "0x id, OWNER/NAME, or NAME of your own")
        ->required();
    sealing->add_option("--out", options->out, "folder to make")->required();
    sealing->callback([=, &session] { seal(session, *options); });

    auto* checking = group->add_subcommand("verify", "Check a sealed batch without a key");
    checking->add_option("BATCH", options->batch, "folder of the batch")->required();
    checking->callback([=, &session] { verify(session, *options); });

    auto* opening = group->add_subcommand("open", "Open a sealed batch with a master key");
    opening->footer("Example: millrace data open photos.batch --master farm --out photos");
    opening->add_option("BATCH", options->batch, "folder of the batch")->required();
    opening->add_option("--master", options->master, "name of the master key")->required();
    opening->add_option("--out", options->out, "folder to make; appears when all is open")
        ->required();
    opening->callback([=, &session] { open(session, *options); });

    add_data_transfer_commands(*group, session);
}

}  // namespace wallet::cli
