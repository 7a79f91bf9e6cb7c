/** Long passwords that everybody tries first, folded to lower-case letters and digits. Shorter ones are refused by their length. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set([
  'passwordpassword', 'password123456789', 'password1234567', 'password12345678', 'mypasswordismypassword', 'thisismypassword', 'correcthorsebatterystaple',
  'qwertyuiopasdfgh', 'qwertyuiopasdfghjkl', 'qwertyuiopasdfghjklzxcvbnm', 'qwertyuiop12345', 'qwertyuiop123456', 'qwertyuiop1234567890', '1q2w3e4r5t6y7u8i', '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv', '1qaz2wsx3edc4rfv5tgb', 'qazwsxedcrfvtgb', 'qazwsxedcrfvtgbyhnujm', 'zxcvbnmasdfghjkl', 'asdfghjklzxcvbnm', 'abcdefghijklmno', 'abcdefghijklmnop', 'abcdefghijklmnopqrstuvwxyz',
  '123456789012345', '1234567890123456', '12345678901234567890', '012345678901234', '0123456789012345', '123456789abcdef', '0123456789abcdef', '1234567890qwertyuiop', '987654321098765', 'abc123abc123abc123',
  'letmeinletmeinletmein', 'letmeinletmein', 'iloveyouiloveyou', 'iloveyouforever', 'iloveyousomuch', 'iloveyouverymuch', 'adminadminadmin', 'administrator123', 'administrator1234', 'changemechangeme', 'welcomewelcome1', 'welcome123456789',
  'rollcallrollcall', 'rollcallpassword', 'rollcallrollcallrollcall', 'trustno1trustno1', 'dragondragondragon', 'monkeymonkeymonkey', 'sunshinesunshine', 'princessprincess', 'footballfootball', 'baseballbaseball', 'superman12345678',
]);
