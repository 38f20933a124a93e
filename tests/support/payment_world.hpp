#pragma once

#include "market/hash_chain.hpp"
#include "node/payment/claims.hpp"
#include "node/payment/request_machine.hpp"
#include "node/payment/settlements.hpp"
#include "tests/support/fake_payment_ledger.hpp"
#include "tests/support/manual_clock.hpp"

#include <functional>
#include <memory>

namespace node {

/// A journal in memory whose disk can fail. What was committed survives the node.
class FakeJournal : public PaymentJournal {
public:
    void commit(JournalBatch batch, Done done) override;
    ledger::Result<std::optional<ledger::Bytes>> get(std::string_view table,
                                                     ledger::ByteView key) const override;
    ledger::Result<void> scan(const ledger::JournalRange& range, const Visit& visit) const override;

    bool failing = false;

private:
    std::unique_ptr<ledger::Journal> kept_ = ledger::make_memory_journal();
};

/// The parts of a node that forget in a crash, wired as in the node.
struct PaymentNode {
    PaymentNode(const market::Network& network, const HostIdentity& host, const OfferTerms& terms,
                FakePaymentLedger& ledger, FakeJournal& journal, ledger::Random& random,
                const ClaimPolicy& policy = {}, const ShelfLimits& shelf_limits = {});

    Offers offers;
    PaymentAnswers answers;
    ChannelBook book;
    AnswerShelf shelf;
    Settlements settlements;
    ClaimKeeper claims;
    PaymentServices services;
};

/// One host with a model of two versions under an alias, one payer with money, and a node.
/// Prices: 100 a call and 3 a row of at most 300: the ceiling is 1000.
class PaymentWorld {
public:
    explicit PaymentWorld(OfferTerms terms = {}, ClaimPolicy policy = {},
                          ShelfLimits shelf_limits = {});

    RequestMachine::Now now() const { return {clock.wall(), clock.now()}; }
    void advance(std::chrono::milliseconds step);
    /// Everything in memory is gone; disk and ledger stay.
    void crash();

    PaidResource resource(bool by_alias = true) const;
    market::ChannelConfig config(std::uint8_t lane = 0, bool line = true) const;
    market::ChannelId channel(std::uint8_t lane = 0) const;
    /// Opens a channel on the ledger without a node's help.
    void open_channel(std::uint64_t balance, std::uint8_t lane = 0);
    ledger::Amount charged(std::uint8_t lane = 0) const;

    /// The offer's entry of this scheme with this amount.
    nlohmann::json entry(std::uint64_t amount, x402::Scheme scheme = x402::Scheme::batch,
                         bool by_alias = true) const;

    struct Voucher {
        std::uint64_t amount = 1000;
        std::optional<std::uint64_t> max = {};  ///< default: what was charged and the amount
        std::uint8_t lane = 0;
        std::optional<std::uint64_t> deposit = {};
        std::uint8_t deposit_salt = 1;
        std::uint64_t valid_s = 60;  ///< of the deposit's authorization
        std::string type = {};       ///< default: deposit or voucher
        std::string payment_id = {};
        std::optional<std::string> refund = {};
        /// Last change before it is encoded.
        std::function<void(nlohmann::json&)> change = {};
        std::function<void(market::ChannelConfig&)> change_config = {};
    };
    /// PAYMENT-SIGNATURE as a stock client makes it.
    std::string voucher(const Voucher& wanted) const;
    nlohmann::json config_json(const market::ChannelConfig&) const;
    nlohmann::json deposit_json(const market::ChannelConfig&, std::uint64_t amount,
                                std::uint8_t salt, std::uint64_t valid_s) const;
    struct Exact {
        std::uint64_t amount = 1000;
        std::uint8_t nonce = 1;
        std::uint64_t valid_s = 60;
        std::string payment_id = {};
        std::function<void(market::TransferWithAuth&)> change = {};
    };
    std::string exact(const Exact& wanted) const;
    struct Upto {
        std::uint64_t amount = 1000;  ///< the most it may come to
        std::uint8_t nonce = 1;
        std::uint64_t valid_s = 60;
        std::string payment_id = {};
        std::function<void(market::PermitSettle&)> change = {};
    };
    std::string upto(const Upto& wanted) const;

    /// A chain as its payer keeps it.
    struct Chain {
        market::ChainTerms terms;
        std::vector<ledger::Hash> links;
        std::uint8_t lane = 0;
        std::uint32_t used = 0;
        bool opened = false;  ///< its first call was answered
    };
    /// From what was charged on.
    Chain chain(std::uint64_t unit, std::uint32_t length = 100, std::uint8_t lane = 0,
                std::uint8_t seed = 1) const;
    struct Link {
        std::uint64_t amount = 1000;
        std::optional<std::uint32_t> index = {};  ///< default: so many on as the amount needs
        std::optional<std::uint64_t> deposit = {};
        std::uint8_t deposit_salt = 1;
        std::string payment_id = {};
        std::function<void(nlohmann::json&)> change = {};
    };
    /// PAYMENT-SIGNATURE of the native client: whole for a chain's first call, short after it.
    std::string link(const Chain& chain, const Link& wanted) const;
    std::string link(const Chain& chain) const { return link(chain, Link{}); }

    struct Reply {
        Response response{0};
        Stage stage{};
        bool ran = false;
        std::uint64_t runs = 0;
        unsigned status() const { return response.status(); }
        std::string header(std::string_view name) const;
        /// Decoded PAYMENT-REQUIRED or PAYMENT-RESPONSE; null when absent.
        nlohmann::json required() const;
        nlohmann::json paid() const;
        std::string error() const;
    };
    /// How the outside behaves during one request.
    struct Script {
        std::string body = "{}";
        std::uint64_t rows = 10;
        market::Version ver{2};
        bool run_fails = false;
        bool run_too_late = false;
        bool settle_late = false;  ///< the ledger decides after the deadline
        bool lose = false;         ///< the ledger never includes the message
        bool halt = false;         ///< the node's ledger halts while the message is on its way
        bool by_alias = true;
        std::string path = "/v2/models/m/infer";
        std::string answer = "answer";
        /// Asked before each action; true: the node dies there.
        std::function<bool()> crash_here = {};
    };
    /// Runs one request to its end; an empty header is an unpaid one. Status 0 after a crash.
    Reply call(const std::string& header, const Script& script);
    Reply call(const std::string& header) { return call(header, Script{}); }
    /// Carries one machine to its end.
    Reply carry(RequestMachine& machine, Action action, const Script& script);

    market::Network network;
    ledger::SecretKey payer_key;
    ledger::Address payer;
    HostIdentity host;
    market::ModelId model;
    OfferTerms terms;
    ClaimPolicy policy;
    ShelfLimits shelf_limits;
    ManualClock clock;
    ledger::SeededRandom random{7};
    FakePaymentLedger ledger{network};
    FakeJournal journal;
    std::unique_ptr<PaymentNode> node;
    std::uint64_t runs = 0;
};

nlohmann::json from_header(const std::string& value);
std::string to_header(const nlohmann::json& value);

}  // namespace node
