#include "market/typed_data.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "market/network.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

namespace market {
namespace {

using Json = nlohmann::json;

/// EIP-712 as a wallet does it: from the JSON alone, by the text of the standard, sharing nothing
/// with the encoder under test but keccak.
class NaiveWallet {
public:
    explicit NaiveWallet(const Json& typed) : typed_{typed} {}

    Hash digest() const
    {
        Bytes signed_bytes{0x19, 0x01};
        ledger::append(signed_bytes, struct_hash("EIP712Domain", typed_["domain"]).view());
        ledger::append(signed_bytes, struct_hash(typed_["primaryType"], typed_["message"]).view());
        return ledger::keccak256(signed_bytes);
    }

private:
    bool is_struct(const std::string& type) const { return typed_["types"].contains(type); }
    static std::string element(const std::string& type)
    {
        return type.ends_with("[]") ? type.substr(0, type.size() - 2) : type;
    }

    void collect(const std::string& type, std::set<std::string>& found) const
    {
        if (!is_struct(type) || !found.insert(type).second) return;
        for (const auto& member : typed_["types"][type]) collect(element(member["type"]), found);
    }

    std::string encode_type(const std::string& primary) const
    {
        std::set<std::string> others;
        collect(primary, others);
        others.erase(primary);
        std::vector<std::string> order{primary};
        order.insert(order.end(), others.begin(), others.end());
        std::string text;
        for (const auto& type : order) {
            std::string members;
            for (const auto& member : typed_["types"][type])
                members += (members.empty() ? "" : ",") + member["type"].get<std::string>() + " " +
                           member["name"].get<std::string>();
            text += type + "(" + members + ")";
        }
        return text;
    }

    Hash struct_hash(const std::string& type, const Json& value) const
    {
        Bytes data;
        ledger::append(data, ledger::keccak256(ledger::as_bytes(encode_type(type))).view());
        EXPECT_EQ(value.size(), typed_["types"][type].size()) << type;
        for (const auto& member : typed_["types"][type])
            ledger::append(data, word(member["type"], value.at(member["name"].get<std::string>())));
        return ledger::keccak256(data);
    }

    Bytes word(const std::string& type, const Json& value) const
    {
        const auto bytes = [](const Hash& hash) {
            return Bytes(hash.bytes.begin(), hash.bytes.end());
        };
        if (type.ends_with("[]")) {
            Bytes items;
            for (const auto& item : value) ledger::append(items, word(element(type), item));
            return bytes(ledger::keccak256(items));
        }
        if (is_struct(type)) return bytes(struct_hash(type, value));
        if (type == "string")
            return bytes(ledger::keccak256(ledger::as_bytes(value.get<std::string>())));
        if (type == "bytes")
            return bytes(ledger::keccak256(*ledger::from_hex(value.get<std::string>())));
        if (type == "bytes32") return *ledger::from_hex(value.get<std::string>());
        if (type == "address") {
            Bytes padded(12, 0);
            ledger::append(padded, ledger::parse_address(value.get<std::string>())->view());
            return padded;
        }
        if (type == "bool") {
            Bytes padded(32, 0);
            padded[31] = value.get<bool>() ? 1 : 0;
            return padded;
        }
        EXPECT_TRUE(type.starts_with("uint")) << type;
        auto number =
            value.is_string() ? std::stoull(value.get<std::string>()) : value.get<std::uint64_t>();
        Bytes padded(32, 0);
        for (std::size_t i = 31; number != 0; --i, number >>= 8)
            padded[i] = static_cast<std::uint8_t>(number);
        return padded;
    }

    const Json& typed_;
};

ledger::eip712::Domain domain()
{
    Hash genesis;
    genesis.bytes.fill(0x5a);
    return {"Millrace", "1", {402'077}, {}, genesis};
}

ledger::Transaction envelope(const Message& message)
{
    Address sender;
    sender.bytes.fill(0x11);
    return make_transaction(sender, {3}, {1ull << 40}, Amount::micros(2'000), 1'700'000'000,
                            message);
}

LabelOrder label_order(const Address& someone)
{
    LabelOrder made;
    made.batches = {{someone, 7}, {someone, 8}};
    made.picks = {0xff, 0x01};
    made.items = 9;
    made.classes = {"cat", "\xc3\xa9t\xc3\xa9 \"1\""};
    made.question = "what?";
    made.gold = 3;
    made.annotators = {someone};
    made.arbiter_wraps.resize(2);
    made.price = Amount::micros(5);
    made.work_s = 60;
    return made;
}

/// One of every message, lists with something in them.
std::vector<Message> every_message()
{
    Address someone;
    someone.bytes.fill(0xc4);
    ChannelConfig config;
    config.payer = someone;
    config.withdraw_delay = {900};
    ModelVersion version;
    version.ver = {2};
    version.format = "onnx";
    version.license = "\xc3\xa9t\xc3\xa9 \"1\"";
    version.enc = {1, {{1, 2, 3}, {}}};
    version.price_sheet.parts = {{Unit::row, 3, 2, 10}, {Unit::ms, 1, 1, ~std::uint64_t{0}}};
    version.parents = {{{}, {1}, {500}}};
    version.datasets = {{{}, 7}};
    UsageReceipt receipt;
    receipt.units = {1, 2, 3};
    ClaimRow row{config, Amount::micros(9), {}, Amount::micros(8), {{{1}, Amount::micros(8)}}};
    return {
        Transfer{someone, Amount::max()},
        TransferWithAuth{},
        HostRegister{"https://a", Amount::micros(5), someone},
        HostKey{KeyChange::retire, someone},
        HostUnbond{},
        HostUnbondFinal{},
        ModelRegister{"iris", {}},
        version,
        ModelEval{},
        ModelAlias{{}, "stable", {{{1}, 9}, {{2}, 1}}, "why"},
        ModelPrice{{}, {1}, version.price_sheet, 4},
        ModelHost{{{}, {1}, someone, {300'000}, 0, 1}, {}},
        ModelYank{},
        ChannelDeposit{config, Amount::micros(4), 1, 2, {}, {}},
        ChannelClaim{{row, row}, {}},
        ChannelDispute{DisputeKind::charge, receipt, {}, {}},
        ChannelFinalize{{{}, {}}},
        ChannelRefund{},
        ChannelWithdrawInit{},
        ChannelWithdrawFinal{},
        CreditIssue{{someone, Amount::micros(1), {}}, {{}, {}}},
        AccountAdmit{},
        StatementClose{},
        DataClaim{},
        ValidatorJoin{{}, {}, someone, Amount::micros(7), {}},
        ValidatorPower{PowerChange::lower, 5},
        ValidatorLeave{},
        ValidatorWithdraw{},
        market::ValidatorSet{{{{{}, {}, someone, someone, 1'000, {}}, {}}, {}}, {{}, {}}},
        ValidatorEvidence{{1, 2, 3}},
        PermitSettle{
            {{}, Amount::micros(9)}, someone, {}, {}, 5, {someone, {}, 6}, {}, Amount::micros(8)},
        ChannelChainClaim{{{config,
                            {Amount::micros(7), Amount::micros(50), 4'096, {}},
                            {},
                            12,
                            {},
                            {{{1}, Amount::micros(600)}}}}},
        DatasetRegister{"leaves", {}, {}, {600'000}, {390'000}, {{{}, {10'000}}}, true},
        DeviceEnroll{{}, someone, someone, SharesRule::rows, 1'000},
        DeviceRevoke{{}, someone},
        DataContribute{{}, someone, 7, {}, {}, 3, 65'700, 10, {}, {}, {{}, {}}, {}},
        DataPreview{{}, {someone, 7}, 2, {}, {}, {{}, {}}},
        DataOffer{{},
                  {{someone, 7}, {someone, 8}},
                  Amount::micros(5),
                  {},
                  {},
                  Amount::micros(6),
                  2,
                  10,
                  5},
        DataOfferWithdraw{},
        DataBuy{{}, Amount::micros(5), {{}, {}}, {1, 2, 3}},
        DataRelease{{}, {{}, {}}},
        DataTimeout{},
        DataFinalize{},
        DataDispute{{}, DataDisputeKind::key, 1, 2, {}, {4, 5}, {}, {{}, {}}},
        GpuOffer{{"H200", 143'000, 8, "570.1", "eu"},
                 {60'000, 4'800'000, "sm_90", false, {20}},
                 Amount::micros(9),
                 60,
                 3'600,
                 Amount::micros(8),
                 {},
                 1'700'000'000},
        GpuOrder{{"H200", 1, 1, 1, 1, "eu", true},
                 {},
                 {JobKind::infer, {}, {}, {}, 7, 10, 200},
                 Amount::micros(12),
                 Amount::micros(10'000),
                 {8, 14'400, Amount::micros(3), Amount::micros(4), "sm_90", 2, {}},
                 60,
                 {},
                 "https://node.example:8443",
                 1'700'000'000},
        GpuCancel{GpuEntry::bid, {}},
        GpuBid{{}, {}, Amount::micros(9), 1'700'000'000, Amount::micros(2), Amount::micros(3), 60},
        LeaseAccept{},
        LeaseStart{{}, {}, {}, {1, 2, 3}},
        LeaseCheckpoint{{}, 5, 9, {}, {}},
        LeaseClaim{{}, 1'000, {}},
        LeaseReclaim{},
        LeaseClose{{}, CloseReason::starved},
        LeaseTimeout{GpuEntry::lease, {}},
        VerifierJoin{"sm_90", Amount::micros(5)},
        VerifierLeave{"sm_90"},
        VerifyAssign{},
        VerifyReport{{}, 7, {}, {}},
        VerifyReveal{{}, {{7, 1, {}, {{}, {}}}}, {{8, {}, 1, {{}}}}},
        DisputeOpen{{}, {7, 1, {}, {{}, {}}}, Amount::micros(6)},
        JuryCommit{{}, 7, {}},
        JuryReveal{{}, 7, {}, {}},
        LeaseSettle{},
        label_order(someone),
        LabelAgree{},
        LabelOrderClose{},
        LabelTake{},
        LabelHand{{}, someone, {{}, {}}},
        LabelReturn{},
        LabelSubmit{{}, 9, {}, {4, 5}, {}, {}},
        LabelReview{{}, someone, 7, false, {{3, 1, 0, {}, {{}, {}}, 2, 90, {}, {{}}}}},
        LabelAppeal{},
        LabelDecide{{}, someone, 8, true, {}},
        LabelTimeout{{}, someone}};
}

TEST(TypedData, AWalletComputesTheTransactionIdFromIt)
{
    const auto messages = every_message();
    ASSERT_EQ(messages.size(), std::variant_size_v<Message>);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& message = messages[i];
        ASSERT_EQ(message.index(), i) << "one of each";
        const auto sent = envelope(message);
        // Through text, as a wallet gets it.
        const auto typed = Json::parse(typed_data(domain(), sent, message).dump());
        EXPECT_EQ(typed["primaryType"], "Millrace" + std::string{name_of(message)});
        EXPECT_EQ(ledger::retag<TxId>(NaiveWallet{typed}.digest()),
                  transaction_id(domain().separator(), sent, message))
            << name_of(message);
    }
}

TEST(TypedData, HoldsNothingOfTheEnvelopeThatIsNotSigned)
{
    const Message message = Transfer{};
    auto sent = envelope(message);
    const auto before = typed_data(domain(), sent, message);
    sent.body = {1, 2, 3};
    sent.signature.bytes.fill(9);
    EXPECT_EQ(typed_data(domain(), sent, message), before);
    sent.nonce.value += 1;
    EXPECT_NE(typed_data(domain(), sent, message), before);
}

// The first 32 digests are by viem 2.48.11, hashTypedData, for the very JSON that `typed_data`
// gives; those of data, leases and labels are what NaiveWallet makes of it.
TEST(TypedData, StockWalletsComputeTheSame)
{
    const auto messages = every_message();
    const std::vector<std::string> digests{
        "0x82f46ca72cad3258ddc5eac2b4b0554d85c62775fbe068153cc2293e07bfe689",
        "0x2ed6f773b0122b637dacc3cad7ecb2a9735779bc7d30b910b413a131c6eb8eee",
        "0x864e4a08dbde274df56dc60b6d2480d9825ae98bb4b73edabf96f64044c0435c",
        "0xecedbaa82930bc537c985f16159e15ab4c1f3551b72ae9fd4e9fd1c3b2314399",
        "0xcae98a6def3da5777ebb6e270e513005a6d6e102d90b3880a15b0b97496140dc",
        "0x2d0285842d86b5c5db55775143963e16ee24aa688168f839f7608d13bbc4f2ff",
        "0x95d2af762560f21702b33ae0311ee61f145c8cee9e2f9ea888e9f3b823987393",
        "0x3a59b6218c9579de67350e99a47af4c9e9c19af265af88ba6279b185490856ae",
        "0x5eb9b7022ce53494cbd65196e30127b2b93c4ce2583317426143cb436de32c65",
        "0x9a4ef8c7fae3a3964d787ea2fb83d50da453749cfe6ed31c581c7fc3392c7720",
        "0x127a4d8533510f489d6eebaf950fcca0598ac044013a0712b5c378edd936e07f",
        "0x949062f802a066f6db3b3576b9e40fce622006818b7b82e6dc92d4c3b3aa63e5",
        "0x2746bc318e9b5aa7dd77922b50e13f741ecf945cc3d3731ccc178e0800ed94c7",
        "0x6ab8695ab1ad94ea8942e848f2f3bbcc0bb654d099fc8c7357454c638cb2cce9",
        "0x092a4222ffeb927da877cd1a68c600ec5e1f50d5c5870ca9eb6a7605cda02cf5",
        "0xf2da28829289fdf8b541d2441c0d3b83aee2814c9e95ac70d74a94af21c02a6a",
        "0x6dbf3951068dadea943debc3651e665546c132890fd7053b28fe328dbedbd8b9",
        "0x9be43773946d0a2179c5fd2cc961845d29e0440f835ca3b105b42b5841d27583",
        "0xab2bf8e7601663351368681818d44fc2a77338a0327155074ca1caa269170947",
        "0x27bc56cb357052b2d318670ff5924d48744dbc7dea337aba0aa3ad9ae3f6a43d",
        "0xf77ed0822d881b01fe4b6a8b69f1a905f59ba1f21bced97e57f3548e5de0cfc0",
        "0xa98ffc38a5209592b430addea1c15a6a4f3137cf0cdb4521bddad44e9a556df1",
        "0xc21d6ce75e30df74099f106ae7f1a6c84efea0a6ef99175b8fff99e99c527889",
        "0x5089c872def71add2aeef59e8a3db4a9b4f2429fbe981a8738a571a22d9aa7f3",
        "0x0fda682f278ad607e4a01985d99e460930bebd43758ec1d5e3ca3320bcf2401e",
        "0x7e7a4e2d9ae52c5b60defc28f0e459c9799a08636cf7bcc2a37822eaa06f8138",
        "0x50f959f7ed813d204c741c17ed30b918252b04ab9d2772c68d8399a6dd341710",
        "0x1118899738daf7fd5b4974f91926ea4c24e19479c35900ad856f7aaece69237a",
        "0x774f79a6c4db75958d4d4d1b7702e4ac0364f4262cbce6696a3a2c6ad49730c4",
        "0x238eaa7f9d7986554f4a01a582b85f1018cebba7dfd6bb278fc3bc64e762a820",
        "0xd1d6517bd915e10663d7908b44e7f8c3485b77b6d15e329486e42b53f0827d71",
        "0x301c828a2b9b3f1ae657234e8f895d94935dd6bdc2e80aaa20a9ca931e085311",
        "0xe78c57d0a7c65ff92495aedf8049f311f1310c2fc26842daba752764f837290e",
        "0x0dcaa2c2703073812062afa66c04d8db8ea2978471ff55ce578552576e3051ef",
        "0x530201b01315ecea44865b59b7178102e9cc98a3f87271ae428429aa89cf276e",
        "0x29e5013fb929e96decd2785561f573a795df55996ae5250651abdd1276e99378",
        "0x5e6a3f24bd244919b68cb346eac095e1d34fed7c86aa678fcc1a0a1e8eb264f6",
        "0x1eca6b7683252422e0c4485699865d942f83ba791d5f0285950d4c59b4cecea7",
        "0x63b400b8274a954ef0302a6e9061fe38a687771a5b5fb85c3e0f01f5243920a5",
        "0x3c8e96081104c9b12e20b053ddb4734bd73742c14a9c0bbb3ad8a991d1a2ad5c",
        "0x34bc5ca0a0cab04a6ca2c63ea6efc4d0de3fb69b967ad841b3ec8c827d1a58f8",
        "0x3edbd7edda10feaa5cb81e7230e97b34531b576eebbe28c3410ac85ea954ffb0",
        "0x33e0932726f6f7883455a43c81da68592b8c32bf9a5d79bea06c8b5038a09eaf",
        "0xe0b99360585f05b942457903abb423250cf18177f62e8e8fe9016aad66e36cfe",
        "0x61b430c8b78ede03d2fb7202d1f77e7422ed4f5351454857d1637efeb2150c30",
        "0xbec6360360cc97ce1f29b4e241503662abc9595db0e8cbd205ceddf6f4144ea5",
        "0x4c8f9c3b2bb90da6282c7179c267b63b59a322f47030d1637c7a42ebc4ad8e79",
        "0x862e29964ce637902af83516eb73b0304b16bbfb90b7d11bce9e4072f16b923c",
        "0x7555219e1516e3fae298bf21228e9475221dcc307104c7605c5813504d462b63",
        "0xae78e23fc9e51befa800f64ba7a778b21be4cfc9ae690bdf9449498bf6d9fe31",
        "0x27c894b98505ecbd511dba1efa83be18603aeb2565bd38cac02eaddf12c0a1de",
        "0x50a0f7f02ae0a7d53f604e4b8dc1a16d595ffee60814fbd2cfde9efcb3770f8b",
        "0x237203b153783715fd9870086d69f174d01a182a46c1784551ced06cb8752e5c",
        "0xfa997014d7fff15d9bf2c8e38d241125e6456a12bd6d4a66155b2b6efacb7a69",
        "0xc4cb9ac30d92bf5a8ce4fd3e4f20213112f6b83e7e8602930b9f1abb961c9447",
        "0x727720923493caaf5ee333ef30180ff98de758edc57899e80bda9ba6623e1a04",
        "0xa61af33dab6412a864210ef440f27d499e0b46a1f918475e6c78436c1fbb6e2a",
        "0xf6e123f12ebe2e19e88f54af3aa7a1d58d5edbe86ca1747fb19976a3e39ff793",
        "0x41696d656e2902957bf54b3e38df04eab704838a3f2d6a057bfdfbc020d34951",
        "0x384db85545ae61c75511f85e9e5100d7298a2488e667985e27f6374498e94ced",
        "0xae0103de75ecd57ef29db0ac2ed88f402206e09a6d808caf40daf0a249715b18",
        "0xcb0129cc2d29722182c0f504d390abb35f1f3e67eb0259bda0c91f0709c2803c",
        "0xd8ecfcabb6243b5a9fce9d4ce5630fc41cdfee078c1b505ef0b40c1920cfa41e",
        "0x0ef7de00d4d46624c141daf4a144c63eeee10d7dfb630204c3145904f5f0db33",
        "0xfe4d148e9274657697b54d9fce56b9dac52d5d581e2853d9ae95e501dedca4d2",
        "0x209af591bf5d3e01da9d1b74e97e9d5586880438492c721435411db42eb9db50",
        "0x16700c4dab42788880336980fcf8be540e02b4c3ea6a41293ebba80cfcf15881",
        "0x9214c46ea65ae89cb3fd6b659a417ac04e56f909941029cde18f0a44c59f598d",
        "0x8abf785ee82dc51585bd1cf42a67ddc48849db4d82e5d6dd264b44e7654a7692",
        "0x9637a764599ea90d42aea2194fbf39d732e8f6cba5c923b09add547a67692912",
        "0xda5a1c8d4be4f91ad6b70d751655775058ba87b8bda89c24526e8b2f9f286ef1",
        "0xf0703f74400af08e0c1113ad9aa22d24a7d6d60af2bdf70124f8902020def45c",
        "0x1a5ef1e462df2f15e6209fc7f0188ab072c80491060b5b27e3c5e4cefc40e099",
        "0x9f7e4841ddd57fb2c072aae4399aa09104f83e4317312b064c2bfe63d6b335ac",
        "0x47dc92e2e2fbfea34b459160c8061130d62c33a8eba870b7365c4f6f8e1fab86",
    };
    ASSERT_EQ(digests.size(), messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto id = transaction_id(domain().separator(), envelope(messages[i]), messages[i]);
        EXPECT_EQ(ledger::to_hex0x(id.view()), digests[i]) << name_of(messages[i]);
    }
}

}  // namespace
}  // namespace market
