#include "tests/support/data_world.hpp"

#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/hpke.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "ledger/sealing/chunk.hpp"
#include "ledger/sealing/contribution.hpp"
#include "market/rules/data_rules.hpp"
#include "market/rules/sale_rules.hpp"

#include <stdexcept>

namespace market {
namespace {

namespace sealing = ledger::sealing;

void accepted(Rejection outcome, std::string_view what)
{
    if (outcome != Rejection::none)
        throw std::runtime_error{std::string{what} + ": " +
                                 std::string{ledger::codec::enum_name(outcome)}};
}

std::vector<Hash> leaf_hashes(const std::vector<ChunkLeaf>& leaves)
{
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < leaves.size(); ++i)
        hashes.push_back(sealing::leaf_hash(i, {leaves[i].key_hash, leaves[i].chunk_hash}));
    return hashes;
}

}  // namespace

std::vector<Hash> SealedBatch::path(std::uint64_t index) const
{
    return ledger::merkle_path(leaf_hashes(leaves), index);
}

SealedBatch seal_batch(const DatasetId& dataset, std::string_view name, std::uint64_t chunks,
                       Flaw flaw, std::uint64_t at)
{
    const auto id = ledger::retag<Hash>(dataset);
    SealedBatch made{MarketWorld::key_of(name), {}, {}, {}, {}};
    const auto data_key = sealing::data_key(made.key, id);
    for (std::uint64_t i = 0; i < chunks; ++i) {
        const bool is_last = i + 1 == chunks;
        auto key = sealing::chunk_key(data_key, i);
        if (i == at && flaw == Flaw::other_key)
            key = ledger::SecretBytes::copy_of(MarketWorld::hash_of("another key").view());
        const Bytes plain(is_last ? 100 : sealing::chunk_bytes, static_cast<std::uint8_t>(i));
        auto sealed = sealing::seal_chunk(key, {id, i, is_last}, plain);
        if (i == at && flaw == Flaw::junk) {
            sealed.sealed.assign(sealed.sealed.size(), 7);
            sealed.leaf.chunk_hash = ledger::sha256(sealed.sealed);
        }
        made.summary.bytes += sealed.sealed.size();
        made.leaves.push_back({sealed.leaf.key_hash, sealed.leaf.chunk_hash});
        made.chunk_keys.push_back(Hash::of(key.view()));
        made.chunks.push_back(std::move(sealed.sealed));
    }
    made.summary.point = ledger::public_key(made.key);
    made.summary.root = ledger::merkle_root(leaf_hashes(made.leaves));
    made.summary.chunks = chunks;
    return made;
}

ledger::Genesis DataWorld::genesis(ledger::AssetKind kind)
{
    auto made = MarketWorld::genesis(kind);
    made.params.t_rel_s = t_rel_s;
    made.params.t_disp_s = t_disp_s;
    return made;
}

DataWorld::DataWorld(ledger::AssetKind kind) : MarketWorld{genesis(kind)}
{
    for (const auto* name : {"alice", "bob", "carol"}) fund(name, 1'000'000);
}

DatasetRegister DataWorld::registration(std::string_view name)
{
    DatasetRegister made;
    made.name = name;
    made.owner_ppm = {600'000};
    made.contributor_ppm = {400'000};
    made.open = true;
    return made;
}

DatasetId DataWorld::dataset(std::string_view name)
{
    return dataset_id(address_of("alice"), name);
}

DeviceEnroll DataWorld::enrolment(const DatasetId& dataset, std::string_view device,
                                  std::string_view contributor)
{
    return {dataset, address_of(device), address_of(contributor), SharesRule::bytes, 1'000};
}

DataContribute DataWorld::contribution(const DatasetId& dataset, std::uint64_t number,
                                       const SealedBatch& batch, std::uint64_t shares,
                                       std::string_view device) const
{
    DataContribute made;
    made.dataset = dataset;
    made.device = address_of(device);
    made.batch = number;
    made.point = batch.summary.point;
    made.root = batch.summary.root;
    made.chunks = batch.summary.chunks;
    made.bytes = batch.summary.bytes;
    made.shares = shares;
    made.wraps.resize(1);
    made.wraps[0].bytes.fill(0x77);
    sign_again(made, device);
    return made;
}

void DataWorld::sign_again(DataContribute& message, std::string_view device) const
{
    sealing::Contribution said;
    said.network = ledger::retag<Hash>(network().genesis_id);
    said.dataset = ledger::retag<Hash>(message.dataset);
    said.batch = message.batch;
    said.summary = {message.point, message.root, message.chunks, message.bytes};
    said.shares = message.shares;
    said.schema = message.schema_hash;
    said.meta = message.meta_hash;
    for (const auto& wrap : message.wraps)
        said.wraps.emplace_back(wrap.bytes.begin(), wrap.bytes.end());
    message.device_signature = sign(device, sealing::contribution_digest(said));
}

DataOffer DataWorld::offering(const DatasetId& dataset, std::vector<BatchRef> batches,
                              std::uint64_t price)
{
    DataOffer made;
    made.dataset = dataset;
    made.batches = std::move(batches);
    made.price = Amount::micros(price);
    made.license_hash = hash_of("for research");
    made.seller_x25519.bytes.fill(9);
    made.sale_bond = Amount::micros(price + 1);
    made.max_open = 2;
    return made;
}

DataBuy DataWorld::purchase(const OfferId& offer, const std::vector<std::string>& names) const
{
    DataBuy made;
    made.offer = offer;
    made.price = view().get<OfferTerms>(offer).offered.price;
    for (const auto& name : names) made.points.push_back(ledger::public_key(blind(name)));
    made.wrapped_z.resize(ledger::hpke_overhead_bytes + 32 * names.size());
    return made;
}

DatasetId DataWorld::make_dataset(std::string_view name)
{
    accepted(apply("alice", registration(name)), "DatasetRegister");
    accepted(apply("alice", enrolment(dataset(name))), "DeviceEnroll");
    return dataset(name);
}

BatchRef DataWorld::contribute(const DatasetId& dataset, std::uint64_t number,
                               const SealedBatch& batch, std::uint64_t shares,
                               std::string_view device)
{
    accepted(apply("alice", contribution(dataset, number, batch, shares, device)),
             "DataContribute");
    return {address_of(device), number};
}

OfferId DataWorld::offer(const DataOffer& message)
{
    accepted(apply("alice", message), "DataOffer");
    return ledger::retag<OfferId>(last_tx());
}

SaleId DataWorld::buy(const OfferId& offer, const std::vector<std::string>& names)
{
    accepted(apply("bob", purchase(offer, names)), "DataBuy");
    return ledger::retag<SaleId>(last_tx());
}

ledger::SecretKey DataWorld::blind(std::string_view name)
{
    return key_of("blind " + std::string{name});
}

Scalar DataWorld::blinded(const ledger::SecretKey& batch, std::string_view blind_name)
{
    return Scalar::of(ledger::tweak_add(batch, blind(blind_name).view())->view());
}

DataDispute DataWorld::chunk_dispute(const SaleId& sale, const SealedBatch& batch,
                                     std::uint64_t index, std::uint32_t place)
{
    return {sale,
            DataDisputeKind::chunk,
            place,
            index,
            ledger::retag<Scalar>(batch.chunk_keys.at(index)),
            batch.chunks.at(index),
            batch.leaves.at(index),
            batch.path(index)};
}

DataDispute DataWorld::key_dispute(const SaleId& sale, const SealedBatch& batch,
                                   std::string_view blind_name, std::uint64_t index,
                                   std::uint32_t place)
{
    return {sale,
            DataDisputeKind::key,
            place,
            index,
            Scalar::of(blind(blind_name).view()),
            {},
            batch.leaves.at(index),
            batch.path(index)};
}

}  // namespace market
