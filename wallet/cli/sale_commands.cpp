#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/hash.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/cli/sales.hpp"
#include "wallet/sale/faults.hpp"
#include "wallet/sale/release.hpp"
#include "wallet/sealed/extract.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct SaleOptions {
    std::string dataset, price, bond, license, master, offer, sale, out, most;
    std::vector<std::string> batches, sales;
    std::uint32_t max_open = 1;
    std::uint64_t release_s = 0, dispute_s = 0;
    bool watch = false, late = false, of_others = false;
};

constexpr std::size_t license_bytes = 1 << 20;
constexpr std::chrono::seconds watch_pause{2};

/// The bond is lost for a batch that does not open: whoever sealed it.
void check_keys(const Session& session, const market::DataOffer& message,
                const SaleOptions& options)
{
    const auto master = session.unlock_master(options.master);
    market::OfferTerms terms;
    terms.offered = message;
    for (std::size_t i = 0; i < message.batches.size(); ++i) {
        const auto batch = batch_at(session, terms, i);
        if (batch.contributor != session.account().address && !options.of_others)
            fail(Fault::refused, "batch " + std::to_string(i) +
                                     " is another contributor's: open and look at it first, then "
                                     "offer it with --of-others; a bad chunk costs your bond");
        batch_key_of(session, terms, i, master);
    }
}

void offer_dataset(Session& session, const SaleOptions& options)
{
    market::DataOffer message;
    message.dataset = dataset_of(session, options.dataset);
    const auto owner = session.account().address;
    message.batches = options.batches.empty() ? batches_of(session, message.dataset, owner)
                                              : batch_refs(session, options.batches);
    check_keys(session, message, options);
    message.price = amount_of(options.price, "--price");
    message.sale_bond = options.bond.empty() ? message.price : amount_of(options.bond, "--bond");
    message.license_hash = ledger::sha256(read_input(options.license, license_bytes));
    message.seller_x25519 = must(session.masters().find(options.master)).key;
    message.max_open = options.max_open;
    message.t_rel_s = options.release_s;
    message.t_disp_s = options.dispute_s;
    session.transact(message, std::to_string(message.batches.size()) + " batches offered for " +
                                  tokens(message.price) + "; the offer's id is this transaction's");
}

/// Buys only what is here already, checked: nobody pays for bytes that may never come.
void buy(Session& session, const SaleOptions& options)
{
    const auto id = offer_id_of(options.offer);
    const auto terms = terms_of(session, id);
    if (amount_of(options.most, "--max-price") < terms.offered.price)
        fail(Fault::refused, "the price is " + tokens(terms.offered.price) + ": above --max-price");
    auto folders = open_all(session, terms, options.batches);
    for (auto& folder : folders) {
        ProgressBar bar{"checking", folder.manifest().bytes};
        if (const auto whole = folder.verify(bar.teller()); !whole)
            throw Failure{Fault::unverified, whole.error().detail};
    }
    const auto account = session.account();
    const auto key = session.unlock(account);
    const auto blinds = make_blinds(key, id, terms.offered.batches.size());
    const market::DataBuy message{id, terms.offered.price, blinds.points,
                                  must(seal_blinds(blinds, id, account.address,
                                                   terms.offered.seller_x25519, session.random()))};
    session.confirm("Buy for " + tokens(terms.offered.price) +
                    ", and lock as much again until the "
                    "sale ends?");
    session.transact(message, "bought; the sale's id is this transaction's");
}

/// Who releases, and as what.
struct Seller {
    KeyEntry account;
    ledger::SecretKey key;
    ledger::X25519Key master;
    bool may_be_late;
};

/// A release that comes when the buyer may have its money back already would be a gift: by this
/// machine's clock there has to be time for it to become final. What the node shows may be old, but
/// before the window's end no refund can have been.
void check_time(const market::Sale& sale, const market::OfferTerms& terms)
{
    const auto margin_ms = std::min<std::uint64_t>(30'000, terms.offered.t_rel_s * 1000 / 4);
    if (now_ms().value + margin_ms >= sale.window_end_ms)
        fail(Fault::refused,
             "the time to release is over, or nearly: the buyer could take the key "
             "and its money back; --late releases all the same");
}

/// Hands the keys of one sale over; empty: it does not wait for them. Nothing of `t` is shown to
/// anybody unless the ledger proves that the sale is this account's and funded.
std::optional<SentTransaction> release_one(const Session& session, const market::SaleId& id,
                                           const Seller& seller)
{
    const auto sale = sale_of(session, id);
    if (sale.status != market::SaleStatus::funded) return {};
    const auto terms = terms_of(session, sale.offer);
    if (terms.seller != seller.account.address)
        fail(Fault::refused,
             "this sale is of " + ledger::to_checksum(terms.seller) + ", not of this account");
    if (!seller.may_be_late) check_time(sale, terms);
    const auto points = keys_of(session, id).points;
    const auto blinds = must(
        open_blinds(seller.master, sale.offer, sale.buyer, points, wrapped_blinds(session, id)));
    market::DataRelease message{id, {}};
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto batch = batch_key_of(session, terms, i, seller.master);
        message.t.push_back(must(release_scalar(batch, blinds[i])));
    }
    return session.send(message, seller.account, seller.key, Rehearsal::no);
}

/// Releases what waits; one that fails is told of and tried again, as is a node that is gone.
void release_waiting(const Session& session, const Seller& seller, json& document)
{
    const auto told = [&](const std::string& what, const auto& work) {
        try {
            work();
        } catch (const Failure& failure) {
            session.note(what + failure.message);
        } catch (const std::exception& problem) {
            session.note(what + "the node's answer cannot be read: " + problem.what());
        }
    };
    told("", [&] {
        for (const auto& id : open_sales(session, seller.account.address)) {
            const auto name = ledger::to_hex0x(id.view());
            told(name + ": ", [&] {
                const auto sent = release_one(session, id, seller);
                if (!sent) return;
                check_applied(*sent);
                document.push_back({{"sale", name}, {"sent", to_json(*sent)}});
                session.note("released " + name);
            });
        }
    });
}

void release(const Session& session, const SaleOptions& options)
{
    auto account = session.account();
    auto key = session.unlock(account);
    const Seller seller{std::move(account), std::move(key), session.unlock_master(options.master),
                        options.late};
    json document = json::array();
    for (const auto& text : options.sales) {
        const auto sent = release_one(session, sale_id_of(text), seller);
        if (!sent) fail(Fault::refused, text + " does not wait for a release");
        check_applied(*sent);
        document.push_back({{"sale", text}, {"sent", to_json(*sent)}});
    }
    while (options.watch) {
        release_waiting(session, seller, document);
        std::this_thread::sleep_for(watch_pause);
    }
    session.show({{"released", document}}, [&] {
        std::cout << document.size() << (document.size() == 1 ? " sale" : " sales")
                  << " released\n";
    });
}

void open_bought(const Session& session, const SaleOptions& options)
{
    auto batch = bought(session, sale_id_of(options.sale), options.batches.front());
    ProgressBar bar{"opening", batch.folder.manifest().bytes};
    const auto extracted = must(extract(batch.folder, batch.key, options.out, bar.teller()));
    session.show(
        {{"folder", options.out}, {"items", extracted.items}, {"bytes", extracted.bytes}}, [&] {
            std::cout << "files    " << extracted.items << ", " << bytes_text(extracted.bytes)
                      << "\nwritten  " << options.out << "\n";
        });
}

/// Sends a dispute only where it will hold: a false one costs the bond.
void dispute_sale(Session& session, const SaleOptions& options)
{
    const auto id = sale_id_of(options.sale);
    for (const auto& path : options.batches) {
        auto batch = bought(session, id, path);
        ProgressBar bar{"checking", batch.folder.manifest().bytes};
        auto fault = must(find_fault(batch.folder, batch.key, batch.blind, bar.teller()));
        if (!fault) continue;
        fault->sale = id;
        fault->batch = batch.place;
        session.transact(
            *fault, "disputed: chunk " + std::to_string(fault->index) + " is not what was sold");
        return;
    }
    fail(Fault::refused, "every chunk opens: a dispute would be lost, and with it its bond");
}

void list_sales(const Session& session, const SaleOptions& options)
{
    auto target = "/v1/sales?limit=1000";
    const auto query = options.offer.empty()
                           ? "&buyer=" + ledger::to_checksum(session.account().address)
                           : "&offer=" + ledger::to_hex0x(offer_id_of(options.offer).view());
    const auto document = must(session.client().get(target + query));
    session.show(document, [&] {
        for (const auto& sale : document["items"])
            std::cout << sale["id"].get<std::string>() << "  " << sale["status"].get<std::string>()
                      << "  " << tokens(must(codec::from_json<ledger::Amount>(sale["price"])))
                      << "  by " << sale["buyer"].get<std::string>() << "\n";
        if (document["items"].empty()) std::cout << "no sales\n";
    });
}

void add_seller_commands(CLI::App& data, Session& session,
                         const std::shared_ptr<SaleOptions>& options)
{
    auto* sell = data.add_subcommand("offer", "Offer the keys of batches of your dataset");
    sell->footer(
        "Locks the bond once for each sale that may be open at a time. Buyers seal what the\n"
        "release needs to the master key.\n"
        "Example: millrace data offer leaves --price 5 --license cc-by.txt --master farm");
    sell->add_option("DATASET", options->dataset, "0x id, or NAME of your own")->required();
    sell->add_option("--batch", options->batches,
                     "DEVICE:NUMBER; may be repeated; all that you contributed when left out");
    sell->add_flag("--of-others", options->of_others,
                   "among those named are others' contributions, which were looked at");
    sell->add_option("--price", options->price, "tokens for all of them")->required();
    sell->add_option("--bond", options->bond, "tokens; as much as the price when left out");
    sell->add_option("--license", options->license, "file that says what a buyer may do")
        ->required();
    sell->add_option("--master", options->master, "name of your master key")->required();
    sell->add_option("--max-open", options->max_open, "sales at a time")->capture_default_str();
    sell->add_option("--release-within", options->release_s, "seconds; the network's least");
    sell->add_option("--dispute-within", options->dispute_s, "seconds; the network's least");
    sell->callback([=, &session] { offer_dataset(session, *options); });

    auto* end = data.add_subcommand("withdraw", "End an offer; open sales go on");
    end->add_option("OFFER", options->offer)->required();
    end->callback([=, &session] {
        session.transact(market::DataOfferWithdraw{offer_id_of(options->offer)}, "withdrawn");
    });

    auto* give = data.add_subcommand("release", "Hand the keys of sales over to their buyers");
    give->footer(
        "With --watch it goes on until it is stopped, for every open sale of this account. Use a\n"
        "node that you trust: one that keeps a release to itself until the sale's time is over\n"
        "can give the key away.\n"
        "Example: millrace data release 0xSALE --master farm");
    give->add_option("SALE", options->sales, "may be repeated");
    give->add_option("--master", options->master, "name of your master key")->required();
    give->add_flag("--watch", options->watch, "wait for sales and release each");
    give->add_flag("--late", options->late, "even when the buyer may be refunded already");
    give->callback([=, &session] {
        if (options->sales.empty() && !options->watch)
            fail(Fault::usage, "name a sale, or --watch for all that come");
        release(session, *options);
    });
}

void add_buyer_commands(CLI::App& data, Session& session,
                        const std::shared_ptr<SaleOptions>& options)
{
    auto* take = data.add_subcommand("buy", "Buy the keys of sealed batches that are here");
    take->footer(
        "The sealed batches have to be here first: each is checked before anything is paid.\n"
        "Example: millrace data buy 0xOFFER photos.batch --max-price 5");
    take->add_option("OFFER", options->offer)->required();
    take->add_option("BATCH", options->batches, "folders, one for each batch of the offer")
        ->required();
    take->add_option("--max-price", options->most, "tokens")->required();
    take->callback([=, &session] { buy(session, *options); });

    auto* use = data.add_subcommand("unlock", "Open a batch with the key that a sale released");
    use->footer(
        "Needs nothing but the account that bought it, from its words if need be.\n"
        "Example: millrace data unlock 0xSALE photos.batch --out photos");
    use->add_option("SALE", options->sale)->required();
    use->add_option("BATCH", options->batches, "folder of the batch")->required()->expected(1);
    use->add_option("--out", options->out, "folder to make")->required();
    use->callback([=, &session] { open_bought(session, *options); });

    auto* against = data.add_subcommand("dispute", "Get the money back for a batch that is bad");
    against->footer(
        "Looks through the batches for a chunk that shows the seller's fault; sends nothing where\n"
        "there is none.\n"
        "Example: millrace data dispute 0xSALE photos.batch");
    against->add_option("SALE", options->sale)->required();
    against->add_option("BATCH", options->batches, "folders of the batches")->required();
    against->callback([=, &session] { dispute_sale(session, *options); });

    auto* mine = data.add_subcommand("sales", "What this account bought, or who bought an offer");
    mine->add_option("--offer", options->offer);
    mine->callback([=, &session] { list_sales(session, *options); });
}

}  // namespace

void add_sale_commands(CLI::App& data, Session& session)
{
    auto options = std::make_shared<SaleOptions>();
    add_seller_commands(data, session, options);
    add_buyer_commands(data, session, options);

    auto* pay = data.add_subcommand("finalize", "Pay a sale whose time to dispute is over");
    pay->add_option("SALE", options->sale)->required();
    pay->callback([=, &session] {
        session.transact(market::DataFinalize{sale_id_of(options->sale)}, "paid");
    });
    auto* back = data.add_subcommand("refund", "Take the money back that no release came for");
    back->add_option("SALE", options->sale)->required();
    back->callback([=, &session] {
        session.transact(market::DataTimeout{sale_id_of(options->sale)}, "refunded");
    });
}

}  // namespace wallet::cli
