#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/secp256k1.hpp"
#include "ledger/sealing/chunk.hpp"
#include "market/contribution.hpp"
#include "market/device_statement.hpp"
#include "market/state/data_records.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct DatasetOptions {
    std::string dataset, name, schema, card, device, contributor, batch, meta, rule = "bytes";
    std::vector<std::string> parents;
    std::uint32_t owner_ppm = 0;
    bool open = false;
    std::uint64_t shares = 0, daily = 0, number = 0;
};

constexpr std::uint32_t whole_ppm = 1'000'000;
constexpr std::size_t document_bytes = 64 * 1024;

/// SHA-256 of a file, zero without one.
ledger::Hash hash_of(const std::string& file)
{
    return file.empty() ? ledger::Hash{} : ledger::sha256(read_input(file, document_bytes));
}

market::DatasetParent dataset_parent_of(const Session& session, const std::string& text)
{
    const auto equals = text.rfind('=');
    const auto ppm =
        equals == std::string::npos ? std::nullopt : codec::parse_decimal(text.substr(equals + 1));
    if (!ppm || *ppm > whole_ppm) fail(Fault::usage, "--parent is DATASET=PPM, not " + text);
    return {dataset_of(session, text.substr(0, equals)), {static_cast<std::uint32_t>(*ppm)}};
}

void register_dataset(Session& session, const DatasetOptions& options)
{
    market::DatasetRegister message;
    message.name = options.name;
    message.schema_hash = hash_of(options.schema);
    message.card_hash = hash_of(options.card);
    message.open = options.open;
    std::uint64_t given = options.owner_ppm;
    message.owner_ppm = {options.owner_ppm};
    for (const auto& text : options.parents) {
        message.parents.push_back(dataset_parent_of(session, text));
        given += message.parents.back().ppm.value;
    }
    if (given > whole_ppm) fail(Fault::usage, "owner and parents together get over 1000000 ppm");
    message.contributor_ppm = {static_cast<std::uint32_t>(whole_ppm - given)};
    session.transact(message, "dataset " + options.name);
}

/// An address, the public key that `millrace-edge key new` prints, or the name of a key here.
ledger::Address device_of(const Session& session, const std::string& text)
{
    if (const auto key = ledger::id_from_hex<ledger::PublicKey>(text))
        return must(ledger::address_of(*key));
    return session.address_of(text);
}

void enroll(Session& session, const DatasetOptions& options)
{
    market::DeviceEnroll message;
    message.dataset = dataset_of(session, options.dataset);
    message.device = device_of(session, options.device);
    message.contributor = options.contributor.empty() ? session.account().address
                                                      : session.address_of(options.contributor);
    message.shares_rule =
        options.rule == "rows" ? market::SharesRule::rows : market::SharesRule::bytes;
    message.daily_shares = options.daily;
    session.transact(message, "device enrolled");
}

/// The number after the last of this device.
std::uint64_t next_batch(const Session& session, const market::DatasetId& dataset,
                         const ledger::Address& address)
{
    const auto device = session.record<market::Device>({dataset, address});
    if (!device)
        fail(Fault::refused,
             ledger::to_checksum(address) + " is no device of this dataset: millrace data enroll");
    return device->batches + 1;
}

/// What the device said of the batch by itself, beside it.
market::DataContribute said_of(const Session& session, const BatchFolder& batch,
                               const std::string& folder)
{
    const auto path = folder + "/contribution.json";
    const auto text = read_input(path, market::statement_bytes);
    auto said = must(
        market::read_statement(*session.network(), must(codec::parse_json(ledger::as_text(text)))));
    std::vector<ledger::Bytes> wraps;
    for (const auto& wrap : batch.manifest().wraps) wraps.push_back(wrap.key);
    if (ledger::retag<ledger::Hash>(said.dataset) != batch.manifest().dataset ||
        !market::fits(said, batch.manifest().summary(), wraps))
        fail(Fault::unverified, path + " is not of the batch that lies beside it");
    return said;
}

void contribute(Session& session, const DatasetOptions& options)
{
    auto batch = must(BatchFolder::open(options.batch));
    if (options.device.empty()) {
        const auto said = said_of(session, batch, options.batch);
        return session.transact(said, "batch " + ledger::to_checksum(said.device) + ":" +
                                          std::to_string(said.batch) + " contributed");
    }
    const auto& manifest = batch.manifest();
    market::DataContribute message;
    message.dataset = ledger::retag<market::DatasetId>(manifest.dataset);
    message.device = session.address_of(options.device);
    message.batch =
        options.number != 0 ? options.number : next_batch(session, message.dataset, message.device);
    message.point = manifest.point;
    message.root = manifest.root;
    message.chunks = manifest.chunks;
    message.bytes = manifest.bytes;
    message.shares = options.shares != 0
                         ? options.shares
                         : manifest.bytes - manifest.chunks * ledger::sealing::tag_bytes;
    message.schema_hash = hash_of(options.schema);
    message.meta_hash = hash_of(options.meta);
    for (const auto& wrap : manifest.wraps)
        message.wraps.push_back(market::WrappedKey::of(wrap.key));
    const auto key = session.unlock(must(session.keys().find(options.device)));
    message.device_signature =
        ledger::sign(key, market::contribution_digest(*session.network(), message));
    session.transact(message, "batch " + ledger::to_checksum(message.device) + ":" +
                                  std::to_string(message.batch) + " contributed");
}

void show_all(const Session& session)
{
    const auto document = must(session.client().get("/v1/datasets?limit=1000"));
    session.show(document, [&] {
        for (const auto& item : document.at("items"))
            std::cout << item.at("id").get<std::string>() << "  "
                      << item.at("name").get<std::string>() << "  " << item.at("totalShares")
                      << " shares\n";
        if (document.at("items").empty()) std::cout << "no datasets\n";
    });
}

void show_dataset(const Session& session, const DatasetOptions& options)
{
    const auto id = ledger::to_hex0x(dataset_of(session, options.dataset).view());
    auto document = must(session.client().get("/v1/datasets/" + id));
    for (const auto* part : {"batches", "devices"})
        document[part] =
            must(session.client().get("/v1/datasets/" + id + "/" + part + "?limit=1000"))
                .at("items");
    document["offers"] =
        must(session.client().get("/v1/offers?limit=1000&dataset=" + id)).at("items");
    session.show(document, [&] {
        std::cout << "dataset  " << id << "\nname     " << document.at("name").get<std::string>()
                  << "\nowner    " << document.at("owner").get<std::string>() << "\nshares   "
                  << document.at("totalShares") << "\n";
        for (const auto& batch : document.at("batches"))
            std::cout << "batch    " << batch.at("device").get<std::string>() << ":"
                      << batch.at("batch") << "  " << batch.at("chunks") << " chunks, root "
                      << batch.at("root").get<std::string>() << "\n";
        for (const auto& offer : document.at("offers"))
            std::cout << "offer    " << offer.at("id").get<std::string>() << "  "
                      << tokens(must(codec::from_json<ledger::Amount>(offer.at("price")))) << "  "
                      << offer.at("status").get<std::string>() << "\n";
    });
}

void add_owner_commands(CLI::App& data, Session& session,
                        const std::shared_ptr<DatasetOptions>& options)
{
    auto* make = data.add_subcommand("register", "Register a dataset");
    make->footer(
        "What a sale earns is shared for good as said here: the owner's part, the parents', and\n"
        "the rest to contributors by their shares.\n"
        "Example: millrace data register leaves --owner-ppm 300000 --schema schema.json");
    make->add_option("NAME", options->name, "1 to 64 of a-z 0-9 . _ -")->required();
    make->add_option("--owner-ppm", options->owner_ppm, "of what is earned, millionths")
        ->required()
        ->check(CLI::Range(0, 1'000'000));
    make->add_option("--parent", options->parents,
                     "DATASET=PPM that this one is made from; may be repeated");
    make->add_option("--schema", options->schema, "file that says what an item looks like");
    make->add_option("--card", options->card, "file that describes the dataset");
    make->add_flag("--open", options->open, "others than the owner contribute to it");
    make->callback([=, &session] { register_dataset(session, *options); });

    auto* enter = data.add_subcommand("enroll", "Let a device sign contributions");
    enter->footer("Example: millrace data enroll leaves 0xPUBLICKEY --daily 1000000");
    enter->add_option("DATASET", options->dataset, "0x id, OWNER/NAME, or NAME of your own")
        ->required();
    enter
        ->add_option("DEVICE", options->device,
                     "its public key (millrace-edge key new), its address, or a key's name")
        ->required();
    enter->add_option("--contributor", options->contributor,
                      "whose the shares are; this account when left out");
    enter->add_option("--shares", options->rule, "what it counts")
        ->check(CLI::IsMember({"bytes", "rows"}))
        ->capture_default_str();
    enter->add_option("--daily", options->daily, "most shares in a day")->required();
    enter->callback([=, &session] { enroll(session, *options); });

    auto* out = data.add_subcommand("revoke", "Take that from a device; what it gave stands");
    out->add_option("DATASET", options->dataset)->required();
    out->add_option("DEVICE", options->device)->required();
    out->callback([=, &session] {
        session.transact(market::DeviceRevoke{dataset_of(session, options->dataset),
                                              device_of(session, options->device)},
                         "device revoked");
    });
}

}  // namespace

void add_dataset_commands(CLI::App& data, Session& session)
{
    auto options = std::make_shared<DatasetOptions>();
    add_owner_commands(data, session, options);

    auto* give = data.add_subcommand("contribute", "Put a sealed batch on the ledger");
    give->footer(
        "The batch itself stays where it is. One that a device sealed has what the device signed\n"
        "beside it (contribution.json); for another the device's key in this wallet signs.\n"
        "Example: millrace data contribute /media/stick/1a7e73d45f573e80-00000000000000000001\n"
        "         millrace data contribute photos.batch --device camera");
    give->add_option("BATCH", options->batch, "folder of the batch")->required();
    auto* device =
        give->add_option("--device", options->device, "name of the device's key in this wallet");
    give->add_option("--number", options->number, "of the batch; the next one when left out")
        ->needs(device);
    give->add_option("--shares", options->shares, "that it counts; the bytes when left out")
        ->needs(device);
    give->add_option("--schema", options->schema, "file that says what an item looks like")
        ->needs(device);
    give->add_option("--meta", options->meta, "file that tells about this batch")->needs(device);
    give->callback([=, &session] { contribute(session, *options); });

    data.add_subcommand("list", "Every dataset")->callback([&session] { show_all(session); });
    auto* one = data.add_subcommand("show", "A dataset, its batches and offers");
    one->add_option("DATASET", options->dataset)->required();
    one->callback([=, &session] { show_dataset(session, *options); });

    auto* draw = data.add_subcommand("claim", "Draw what one's shares have earned");
    draw->add_option("DATASET", options->dataset)->required();
    draw->callback([=, &session] {
        session.transact(market::DataClaim{dataset_of(session, options->dataset)},
                         "earnings drawn");
    });
}

}  // namespace wallet::cli
