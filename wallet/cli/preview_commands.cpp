#include "wallet/cli/preview_commands.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/sealing/opener.hpp"
#include "market/state/data_records.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

/// Previews by cut and choose (market.md 7): the ledger draws chunks of a batch once its root is
/// fixed, its owner shows them by their keys, and whoever has the sealed batch looks.
namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct PreviewOptions {
    std::string batch, master, out;
    std::size_t most = 16;
};

/// A batch that is here and on the ledger.
struct KnownBatch {
    BatchFolder folder;
    market::DatasetId dataset;
    market::BatchRef ref;
    std::vector<std::uint64_t> drawn;  ///< as the node says; the ledger checks it
    std::vector<std::uint64_t> shown;  ///< likewise
};

std::vector<std::uint64_t> numbers_in(const json& list)
{
    return list.is_array() ? list.get<std::vector<std::uint64_t>>() : std::vector<std::uint64_t>{};
}

KnownBatch known(const Session& session, const std::string& path)
{
    auto folder = must(BatchFolder::open(path));
    const auto& manifest = folder.manifest();
    const auto dataset = ledger::retag<market::DatasetId>(manifest.dataset);
    const auto root = ledger::to_hex0x(manifest.root.view());
    for (const auto& item : all_items(
             session, "/v1/datasets/" + ledger::to_hex0x(dataset.view()) + "/batches?limit=1000")) {
        if (item.at("root") != root) continue;
        const market::BatchRef ref{must(codec::from_json<ledger::Address>(item.at("device"))),
                                   item.at("batch").get<std::uint64_t>()};
        return {std::move(folder), dataset, ref, numbers_in(item.value("drawn", json{})),
                numbers_in(item.value("shown", json{}))};
    }
    fail(Fault::not_found,
         "this batch is not on the ledger: `millrace data contribute` puts it there");
}

void preview(const Session& session, const PreviewOptions& options)
{
    auto batch = known(session, options.batch);
    if (batch.drawn.empty())
        fail(Fault::refused, "nothing is drawn yet: the block after the contribution does it");
    const auto& manifest = batch.folder.manifest();
    const auto master = session.unlock_master(options.master);
    const auto key = must(batch.folder.unwrap(master));
    const auto opener = must(ledger::sealing::Opener::make(
        key, manifest.dataset, manifest.summary(), batch.folder.leaves()));
    const auto account = session.account();
    const auto secret = session.unlock(account);
    json document = json::array();
    for (const auto index : batch.drawn) {
        if (document.size() == options.most) break;
        if (index >= manifest.chunks)
            fail(Fault::unverified, "the node says that a chunk is drawn which is not there");
        if (std::ranges::find(batch.shown, index) != batch.shown.end()) continue;
        const auto leaf = batch.folder.leaves().at(index);
        const market::DataPreview message{batch.dataset,
                                          batch.ref,
                                          index,
                                          ledger::Hash::of(opener.key_of(index).view()),
                                          {leaf.key_hash, leaf.chunk_hash},
                                          batch.folder.leaves().path(index)};
        const auto sent = session.send(message, account, secret);
        check_applied(sent);
        document.push_back({{"chunk", index}, {"sent", to_json(sent)}});
    }
    session.show({{"shown", document}}, [&] {
        std::cout << document.size() << " of " << batch.drawn.size() << " drawn chunks shown\n";
    });
}

/// What the ledger shows of a batch that is here, opened chunk by chunk into files.
void look(const Session& session, const PreviewOptions& options)
{
    auto batch = known(session, options.batch);
    const auto& manifest = batch.folder.manifest();
    std::error_code problem;
    if (!std::filesystem::create_directories(options.out, problem))
        fail(Fault::denied, options.out + " is there already, or cannot be made");
    json document = json::array();
    for (const auto index : batch.shown) {
        if (index >= manifest.chunks) continue;
        const auto shown = session.record<market::Preview>({{batch.dataset, batch.ref}, index});
        if (!shown) continue;
        const auto sealed = must(batch.folder.read(index));
        const auto plain = ledger::sealing::open_chunk(
            shown->key.view(), {manifest.dataset, index, index + 1 == manifest.chunks},
            batch.folder.leaves().at(index), sealed);
        if (!plain)
            throw Failure{Fault::unverified,
                          "chunk " + std::to_string(index) + ": " +
                              std::string{ledger::sealing::describe(plain.error())}};
        const auto path = options.out + "/chunk-" + std::to_string(index);
        write_output(path, ledger::as_text(*plain));
        document.push_back({{"chunk", index}, {"file", path}, {"bytes", plain->size()}});
    }
    session.show({{"chunks", document}}, [&] {
        for (const auto& each : document)
            std::cout << each["file"].get<std::string>() << "  " << each["bytes"] << " bytes\n";
        if (document.empty()) session.note("nothing of it is shown yet");
    });
}

}  // namespace

void add_preview_commands(CLI::App& data, Session& session)
{
    auto options = std::make_shared<PreviewOptions>();
    auto* give = data.add_subcommand("preview", "Show the chunks of a batch that the ledger drew");
    give->footer(
        "Whoever looks at them has seen them: each chunk shown is 32 KiB less to be sold.\n"
        "Example: millrace data preview photos.batch --master farm --most 4");
    give->add_option("BATCH", options->batch, "folder of the batch")->required();
    give->add_option("--master", options->master, "name of the master key")->required();
    give->add_option("--most", options->most, "chunks to show")->capture_default_str();
    give->callback([=, &session] { preview(session, *options); });

    auto* take = data.add_subcommand("look", "Open the chunks of a sealed batch that were shown");
    take->footer(
        "Chunks are pieces of the stream that was sealed (names and bytes of items), not whole "
        "files.\n"
        "Example: millrace data look photos.batch --out shown");
    take->add_option("BATCH", options->batch, "folder of the batch")->required();
    take->add_option("--out", options->out, "folder to make")->required();
    take->callback([=, &session] { look(session, *options); });
}

}  // namespace wallet::cli
