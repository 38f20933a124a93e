#pragma once

#include "ledger/sealing/leaf_table.hpp"
#include "market/messages/sale.hpp"
#include "market/state/data_records.hpp"
#include "tests/support/market_world.hpp"

#include <initializer_list>
#include <string>
#include <vector>

/// A market in which data is sealed and sold: alice's datasets, carol's device "camera", bob buys.
namespace market {

/// How a seller cheats in one chunk of a batch.
enum class Flaw {
    none,
    junk,       ///< its ciphertext is not of its key
    other_key,  ///< its key is not of the batch's
};

/// A sealed batch with all that stays off the ledger.
struct SealedBatch {
    ledger::SecretKey key;
    ledger::sealing::BatchSummary summary;
    std::vector<Bytes> chunks;
    std::vector<ChunkLeaf> leaves;
    std::vector<Hash> chunk_keys;  ///< those that the leaves commit to

    std::vector<Hash> path(std::uint64_t index) const;
};

/// Of `chunks` chunks, all full but the last; `flaw` is in chunk `at`.
SealedBatch seal_batch(const DatasetId&, std::string_view name, std::uint64_t chunks,
                       Flaw flaw = Flaw::none, std::uint64_t at = 0);

class DataWorld : public MarketWorld {
public:
    static constexpr std::uint64_t t_rel_s = 10;
    static constexpr std::uint64_t t_disp_s = 5;

    explicit DataWorld(ledger::AssetKind = ledger::AssetKind::coin);
    static ledger::Genesis genesis(ledger::AssetKind);

    /// Messages that the rules accept, for tests to change one thing of. Of "alice" all of them,
    /// but what is bought "bob" buys.
    static DatasetRegister registration(std::string_view name = "leaves");
    static DatasetId dataset(std::string_view name = "leaves");
    static DeviceEnroll enrolment(const DatasetId&, std::string_view device = "camera",
                                  std::string_view contributor = "carol");
    DataContribute contribution(const DatasetId&, std::uint64_t number, const SealedBatch&,
                                std::uint64_t shares = 8, std::string_view device = "camera") const;
    /// Signs it anew, after something in it was changed.
    void sign_again(DataContribute&, std::string_view device = "camera") const;
    static DataOffer offering(const DatasetId&, std::vector<BatchRef>, std::uint64_t price = 1'000);
    /// Blinds are made of `names`, one for each batch.
    DataBuy purchase(const OfferId&, const std::vector<std::string>& names) const;

    /// Does it, and fails the test when the rules refuse.
    DatasetId make_dataset(std::string_view name = "leaves");
    BatchRef contribute(const DatasetId&, std::uint64_t number, const SealedBatch&,
                        std::uint64_t shares = 8, std::string_view device = "camera");
    OfferId offer(const DataOffer&);
    SaleId buy(const OfferId&, const std::vector<std::string>& names);

    static ledger::SecretKey blind(std::string_view name);
    /// t = k + z.
    static Scalar blinded(const ledger::SecretKey& batch, std::string_view blind_name);
    static DataDispute chunk_dispute(const SaleId&, const SealedBatch&, std::uint64_t index,
                                     std::uint32_t place = 0);
    static DataDispute key_dispute(const SaleId&, const SealedBatch&, std::string_view blind_name,
                                   std::uint64_t index, std::uint32_t place = 0);

    Sale sale(const SaleId& id) const { return view().get<Sale>(id); }
    Offer offer_at(const OfferId& id) const { return view().get<Offer>(id); }
};

}  // namespace market
