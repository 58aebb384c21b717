"""Russian, Turkish, Chinese, Japanese and Korean. Scripts without blanks are searched for pieces of text."""

from typing import Final

from mailock.core.impersonation.themes import Signs, Theme, near, said, within

SIGNS: Final[Signs] = {
    Theme.ACCOUNT: (
        near(
            "подтвердите подтвердить обновите проверьте восстановить",
            "аккаунт учетную данные личность счет запись доступ",
        ),
        near("заблокирован заблокирована ограничен приостановлен", "аккаунт учетная счет доступ карта запись"),
        near("doğrulayın güncelleyin onaylayın askıya", "hesabınızı hesabınız bilgilerinizi kimliğinizi"),
        within("验证您的账户", "验证您的帐户", "账户已被", "帐户异常", "账号异常", "重新验证", "账户将被", "身份验证"),
        within(
            "アカウントの確認",
            "アカウントを確認",
            "アカウントが",
            "本人確認",
            "ご利用確認",
            "ご本人様",
            "利用制限",
            "更新してください",
        ),
        within("計정", "계정을 확인", "계정이 정지", "본인 확인"),
    ),
    Theme.MAILBOX: (
        near("почтовый ящик", "переполнен квота лимит"),
        within("邮箱容量", "邮箱已满", "邮箱升级", "邮箱停用", "メールボックス", "容量が", "邮箱系统", "邮件备案"),
    ),
    Theme.PASSWORD: (
        near("пароль", "истекает истек"),
        within("密码过期", "密码即将", "パスワードの有効期限", "비밀번호 만료"),
    ),
    Theme.PARCEL: (
        near("посылка посылки отправление", "таможня пошлина оплатить задержана доставка"),
        near("kargo kargonuz paket", "gümrük teslim ücreti bekliyor"),
        within("包裹", "快递", "お荷物", "再配達", "不在通知", "宅急便", "택배"),
    ),
    Theme.PAYMENT: (
        near("оплата счет платеж", "просрочен отклонен задолженность"),
        within("付款失败", "发票", "お支払い方法", "お支払いが", "カード情報", "請求", "未払い", "結제"),
    ),
    Theme.REFUND: (
        near("возврат", "налог средств"),
        within("退税", "补贴", "退款", "還付金", "返金", "给付金", "給付金"),
    ),
    Theme.PRIZE: (near("выиграли поздравляем", "приз выигрыш"), within("中奖", "当選", "奖品")),
    Theme.EXTORTION: (near("биткоин bitcoin", "видео часов"), within("比特币", "ビットコイン", "비트코인")),
    Theme.URGENCY: (
        near("течение", "24 48 часов"),
        said("срочно", "немедленно", "acil"),
        within("24小时内", "48小时内", "立即", "24時間以内", "至急", "緊急", "お早めに", "48時間"),
    ),
    Theme.NO_NAME: (
        said("уважаемый клиент", "уважаемый пользователь", "sayın müşterimiz", "değerli müşterimiz"),
        within("尊敬的用户", "尊敬的客户", "亲爱的用户", "お客様各位", "お客さま", "ご利用のお客様"),
    ),
    Theme.SCAN: (within("扫描二维码", "二维码", "扫码", "qrコード"),),
}
