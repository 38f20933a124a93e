// Writes the seeds of those targets whose inputs are encodings: fuzz_seeds CORPUS
#include "ledger/base/hex.hpp"
#include "ledger/chain/block.hpp"
#include "ledger/chain/certificate.hpp"
#include "ledger/chain/genesis.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/state/state_tree.hpp"
#include "market/contribution.hpp"
#include "market/message.hpp"
#include "market/receipt.hpp"
#include "node/providers/page_messages.hpp"
#include "node/sync/snapshot_messages.hpp"
#include "tests/fuzz/light_network.hpp"
#include "tests/support/sim_disk.hpp"
#include "tests/support/snapshot_world.hpp"
#include "tests/support/test_network.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>

namespace {

using namespace ledger;

struct Corpus {
    std::filesystem::path root;
    void write(const char* target, const std::string& name, ByteView bytes) const
    {
        std::filesystem::create_directories(root / target);
        std::ofstream{root / target / name, std::ios::binary} << as_text(bytes);
    }
};

void messages(const Corpus& corpus)
{
    market::ChannelClaim claim;
    claim.rows.resize(2);
    claim.rows[1].uses = {{{1}, Amount::micros(5)}, {{2}, Amount::micros(6)}};
    market::ChannelChainClaim links;
    links.rows.resize(2);
    links.rows[0].chain = {Amount::micros(7), Amount::micros(50), 4'096, {}};
    links.rows[0].index = 12;
    links.rows[1].uses = claim.rows[1].uses;
    market::ModelVersion version;
    version.format = "onnx";
    version.parents.resize(1);
    version.datasets.resize(1);
    version.price_sheet.parts.resize(1);
    market::DatasetRegister dataset;
    dataset.name = "leaves";
    dataset.parents.resize(1);
    market::DataContribute contribution;
    contribution.wraps.resize(2);
    market::DataPreview preview;
    preview.path.resize(3);
    market::DataOffer offer;
    offer.batches.resize(2);
    market::DataBuy purchase;
    purchase.points.resize(2);
    purchase.wrapped_z = {1, 2, 3};
    market::DataRelease release;
    release.t.resize(2);
    market::DataDispute dispute;
    dispute.chunk = {4, 5};
    dispute.path.resize(3);
    market::GpuOffer machine;
    machine.device.model = "H200";
    machine.profile.arch_class = "sm_90";
    market::GpuOrder order;
    order.verify.arch_class = "sm_90";
    market::LeaseStart start;
    start.endpoint_enc = {1, 2, 3};
    market::VerifyReveal reveal;
    reveal.openings.resize(1);
    reveal.openings[0].path.resize(2);
    reveal.planted.resize(2);
    reveal.planted[1].path.resize(1);
    market::DisputeOpen doubt;
    doubt.opening.path.resize(2);
    market::LabelOrder labels;
    labels.batches.resize(1);
    labels.picks = {3};
    labels.classes = {"cat", "dog"};
    labels.annotators.resize(2);
    market::LabelReview review;
    review.errors.resize(2);
    review.errors[1].path.resize(2);
    for (const market::Message& message : {market::Message{machine},
                                           market::Message{labels},
                                           market::Message{market::LabelHand{{}, {}, {{}}}},
                                           market::Message{market::LabelSubmit{}},
                                           market::Message{review},
                                           market::Message{market::LabelDecide{}},
                                           market::Message{order},
                                           market::Message{market::GpuBid{}},
                                           market::Message{start},
                                           market::Message{market::LeaseClaim{}},
                                           market::Message{reveal},
                                           market::Message{doubt},
                                           market::Message{market::VerifierJoin{"cpu", {}}},
                                           market::Message{market::JuryReveal{}},
                                           market::Message{dataset},
                                           market::Message{market::DeviceEnroll{}},
                                           market::Message{contribution},
                                           market::Message{preview},
                                           market::Message{offer},
                                           market::Message{purchase},
                                           market::Message{release},
                                           market::Message{dispute},
                                           market::Message{market::Transfer{}},
                                           market::Message{claim},
                                           market::Message{links},
                                           market::Message{version},
                                           market::Message{market::ChannelDispute{}},
                                           market::Message{market::CreditIssue{}},
                                           market::Message{market::PermitSettle{}}}) {
        const auto envelope =
            market::make_transaction({}, {3}, {7}, Amount::micros(10), 0, message);
        const std::string name{market::name_of(message)};
        corpus.write("transaction", name, encode_transaction(envelope));
        Bytes chosen{static_cast<std::uint8_t>(envelope.type), 1};
        append(chosen, envelope.body);
        corpus.write("message", name, chosen);
        corpus.write("json", name, as_bytes(market::message_json(message).dump()));
    }
}

void blocks(const Corpus& corpus)
{
    const auto with = [](std::uint8_t first, const Bytes& rest) {
        Bytes made{first};
        append(made, rest);
        return made;
    };
    Certificate certificate;
    certificate.bitmap = {0x80};
    certificate.signatures.resize(1);
    market::Receipt receipt;
    receipt.events.resize(2);
    corpus.write("chain", "header", with(0, encode_header({})));
    corpus.write("chain", "body", with(1, encode_body({{1, 2, 3}, {}})));
    corpus.write("chain", "certificate", with(2, encode_certificate(certificate)));
    corpus.write("chain", "receipts", with(3, codec::encode(std::vector{receipt, receipt})));
}

void documents(const Corpus& corpus)
{
    Genesis made;
    made.format = "millrace/genesis/v1";
    made.name = "seed";
    made.chain_id = {402'077};
    made.asset = {AssetKind::coin, "Mill", "MILL", "1", 6, {}};
    made.asset.address.bytes.fill(0xf1);
    made.balances = {{made.asset.address, Amount::micros(10)}};
    made.validators.set.resize(1);
    made.validators.set[0].power = 1'000;
    made.params.stake_unit = Amount::micros(1);
    made.params.delta_bps = {300};
    made.params.w_disp_s = 2;
    made.params.w_unbond_s = 8;
    corpus.write("genesis", "coin", as_bytes(genesis_json(made)));
    made.asset.kind = AssetKind::credit;
    made.validators.admission = Admission::authority;
    made.issuers = {1, {made.asset.address}};
    corpus.write("genesis", "credit", as_bytes(genesis_json(made)));
}

bool proofs(const Corpus& corpus)
{
    MemoryTreeNodes nodes;
    StateTree tree{nodes};
    StateDiff diff;
    for (std::uint8_t n = 0; n < 16; ++n) diff[Bytes{n}] = Bytes{n, n};
    if (!tree.apply({1}, diff)) return false;
    for (const std::uint8_t key : Bytes{0, 7, 15, 16, 99}) {
        const auto proof = tree.prove(Bytes{key});
        if (!proof) return false;
        Bytes chosen{key};
        append(chosen, encode(*proof));
        corpus.write("state_proof", "key-" + std::to_string(key), chosen);
    }
    return true;
}

void light_client(const Corpus& corpus)
{
    const auto world = light::fuzz_network();
    const auto write = [&](std::uint8_t kind, std::uint8_t epoch, const std::string& name,
                           const Bytes& proof) {
        Bytes chosen{kind, epoch};
        append(chosen, proof);
        corpus.write("light_client", name, chosen);
    };
    for (const std::uint64_t height : {1u, 3u, 4u, 7u}) {
        const auto epoch = static_cast<std::uint8_t>(world.header({height}).epoch);
        write(0, epoch, "final-" + std::to_string(height), encode_proof(world.finality({height})));
    }
    write(1, 2, "block-0", encode_proof(world.block({0})));
    write(1, 2, "block-5", encode_proof(world.block({5})));
    write(1, 2, "block-7", encode_proof(world.block({7})));
    write(2, 2, "key-3", encode_proof(world.state(light::fuzz_key(3))));
    write(2, 2, "key-99", encode_proof(world.state(light::fuzz_key(99))));
    write(3, 0, "receipt-1", encode_proof(world.receipt({1}, 1)));
    write(3, 2, "receipt-6", encode_proof(world.receipt({6}, 0)));
    write(4, 0, "epochs-0", encode_proof(world.epochs(0)));
    write(4, 1, "epochs-1", encode_proof(world.epochs(1)));
    write(5, 0, "checkpoint-0", encode_checkpoint(world.checkpoint(0)));
    write(5, 0, "checkpoint-2", encode_checkpoint(world.checkpoint(2)));
}

/// Of the network that the target `snapshot_chunk` makes.
void snapshots(const Corpus& corpus)
{
    const SnapshotWorld world{{.entries = 120}};
    SimDisk disk;
    SnapshotFolder folder{disk, "snapshots/5"};
    const auto manifest = world.write(folder);
    const auto id = snapshot_id(manifest.content);
    const auto write = [&](std::uint8_t kind, const std::string& name, const Bytes& rest) {
        Bytes chosen{kind, 0};
        append(chosen, rest);
        corpus.write("snapshot_chunk", name, chosen);
    };
    write(0, "ask", encode(node::GetSnapshot{}));
    write(0, "ask-manifest", encode(node::GetSnapshot{id}));
    write(1, "offers", encode(node::SnapshotReply{node::SnapshotList{{{id, {5}}}}}));
    write(1, "manifest-reply",
          encode(node::SnapshotReply{node::SnapshotManifestReply{id, manifest}}));
    write(2, "ask-chunk", encode(node::GetSnapshotChunk{id, 1}));
    write(3, "busy", encode(node::SnapshotChunkReply{id, 1, node::ChunkReplyKind::busy, {}}));
    write(4, "manifest", encode_manifest(manifest));
    write(5, "spoiled", {0, 7, 1});
    write(6, "chunk", *folder.chunk(0));
}

/// Of the time that the target `provider_page` has, on a network whose genesis is zero.
void provider_pages(const Corpus& corpus)
{
    SeededRandom random{1};
    const auto key = SecretKey::generate(random);
    constexpr std::uint64_t now_s = 1'800'000'000;
    node::ProviderPage page;
    page.url = "https://node.example:8700";
    page.sequence = now_s * 1'000;
    page.expires_s = now_s + 3'600;
    page.pages = 1;
    const auto bare = node::make_page(key, {}, page);
    page.page = 1;
    page.pages = 2;
    page.mirrors = true;
    for (std::uint8_t i = 1; i < 4; ++i) {
        node::KeptBatch kept{{}, i, now_s + i * 3'600u};
        kept.root.bytes.fill(i);
        page.batches.push_back(kept);
    }
    const auto full = node::make_page(key, {}, page);
    const node::PageCursor cursor{bare.key, 0};
    corpus.write("provider_page", "bare", node::encode_page(bare));
    corpus.write("provider_page", "full", node::encode_page(full));
    corpus.write("provider_page", "ask", node::encode(node::GetProviders{}));
    corpus.write("provider_page", "ask-on", node::encode(node::GetProviders{cursor}));
    corpus.write("provider_page", "answer",
                 node::encode(node::ProviderPages{{}, false, {bare, full}}));
    corpus.write("provider_page", "answer-last",
                 node::encode(node::ProviderPages{cursor, true, {full}}));
}

void ranges(const Corpus& corpus)
{
    corpus.write("range_proof", "all", Bytes{0, 0xff, 0});
    corpus.write("range_proof", "spoiled", Bytes{0x20, 0x80, 0, 3, 0x10, 5, 1, 90, 2});
    Bytes nothing_beside{0, 0xff, 1};
    append(nothing_beside, encode(RangeProof{}));
    corpus.write("range_proof", "whole", nothing_beside);
}

void statements(const Corpus& corpus)
{
    const auto network = node::test_network();
    market::DataContribute said;
    said.batch = 1;
    said.point = public_key(node::test_key(9));
    said.root.bytes.fill(3);
    said.chunks = 2;
    said.bytes = 40'000;
    said.shares = 100;
    said.wraps.resize(2);
    const auto signature = sign(node::test_key(4), market::contribution_digest(*network, said));
    nlohmann::json json{{"network", to_hex0x(network->genesis_id.view())},
                        {"dataset", to_hex0x(said.dataset.view())},
                        {"batch", "1"},
                        {"point", to_hex0x(said.point.view())},
                        {"root", to_hex0x(said.root.view())},
                        {"chunks", "2"},
                        {"bytes", "40000"},
                        {"shares", "100"},
                        {"schema", to_hex0x(said.schema_hash.view())},
                        {"meta", to_hex0x(said.meta_hash.view())},
                        {"device", to_hex0x(public_key(node::test_key(4)).view())},
                        {"signature", to_hex0x(signature.view())}};
    for (const auto& wrap : said.wraps) json["wraps"].push_back(to_hex0x(wrap.view()));
    corpus.write("device_statement", "signed", as_bytes(json.dump()));
    json["shares"] = "101";
    corpus.write("device_statement", "of-nobody", as_bytes(json.dump()));
}

}  // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::cerr << "usage: fuzz_seeds CORPUS\n";
        return 2;
    }
    const Corpus corpus{arguments[1]};
    messages(corpus);
    blocks(corpus);
    documents(corpus);
    light_client(corpus);
    snapshots(corpus);
    ranges(corpus);
    statements(corpus);
    provider_pages(corpus);
    return proofs(corpus) ? 0 : 1;
}
