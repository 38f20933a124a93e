#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/rental/provider.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/keys/private_files.hpp"

/// A provider's bid until it is taken, or is not.
namespace wallet::cli {
namespace {

namespace fs = std::filesystem;
using ledger::Hash;

struct OwnBid {
    market::GpuBidId id;
    std::uint64_t start_by;  ///< seconds
};

/// What a node says of an order and of this account's bid for it, both at one time.
struct OrderNow {
    bool is_ordered = false;
    bool is_matched = false;
    std::optional<OwnBid> mine;  ///< under that offer
};

OrderNow order_now(const Party& party, const market::GpuOrderId& order,
                   const market::GpuOfferId& offer)
{
    const auto found =
        must(party.session.client().get("/v1/gpu/orders/" + ledger::to_hex0x(order.view())));
    const auto mine = ledger::to_checksum(party.account.address);
    OrderNow now;
    now.is_ordered = found.value("status", "") == "ordered";
    now.is_matched = found.value("status", "") == "matched";
    for (const auto& bid : found.value("waiting", json::array())) {
        const auto id = ledger::id_from_hex<market::GpuBidId>(bid.value("id", ""));
        if (id && bid.value("provider", "") == mine &&
            bid.value("offer", "") == ledger::to_hex0x(offer.view()))
            now.mine = OwnBid{*id, bid.value("startBy", std::uint64_t{0})};
    }
    return now;
}

}  // namespace

bool LeaseProvider::wait_for_acceptance()
{
    const auto order = order_now(party_, id_, options_.offer);
    if (order.is_matched) return false;  // the lease comes with the next look
    if (!order.is_ordered) return lose();
    const auto& mine = order.mine;
    const auto now = now_ms().value;
    if (!mine) return now < rental_.bid_until_ms ? false : lose();
    // Nobody can take it any more: it would only keep the bond.
    const auto starvation_s = party_.session.network()->params().lease.starvation_s;
    if (mine->start_by < now / 1'000 + starvation_s) {
        try_send(party_, market::GpuCancel{market::GpuEntry::bid, ledger::retag<Hash>(mine->id)});
        return false;
    }
    attempt_("the board", [&] { listen(); });
    return false;
}

/// Another bid was taken, or none.
bool LeaseProvider::lose()
{
    report_ = {{"order", ledger::to_hex0x(id_.view())}, {"status", "lost"}};
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    return true;
}

void LeaseProvider::remember(const fs::path& folder, std::uint64_t until_ms)
{
    must(make_private_folder(folder));
    Rental rental;
    rental.bid_until_ms = until_ms;
    if (!fs::exists(folder / rental_record))
        must(replace_private_file(folder / rental_record,
                                  ledger::codec::to_json(rental).dump() + "\n"));
}

bool LeaseProvider::has_bid(const Party& party, const market::GpuOrderId& order,
                            const market::GpuOfferId& offer)
{
    return order_now(party, order, offer).mine.has_value();
}

bool LeaseProvider::remembers(const fs::path& folder)
{
    return fs::exists(folder / rental_record);
}

}  // namespace wallet::cli
