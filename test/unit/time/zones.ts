/** Zones with something odd about them, or that many people live in. */
export const interestingZones = [
  'UTC',
  'Etc/GMT+12',
  'Africa/Cairo', // changes at midnight; suspended for Ramadan in 2010 and 2014
  'Africa/Casablanca', // winter time in Ramadan
  'Africa/El_Aaiun',
  'Africa/Juba',
  'Africa/Khartoum',
  'Africa/Sao_Tome',
  'Africa/Windhoek', // negative summer time
  'America/Argentina/Tucuman', // two changes within two weeks in 2004
  'America/Asuncion',
  'America/Caracas', // half an hour in 2007 and 2016
  'America/Havana',
  'America/Los_Angeles',
  'America/Metlakatla',
  'America/New_York',
  'America/North_Dakota/Beulah',
  'America/Nuuk', // changes at 22:00 and 23:00 of the day before
  'America/Recife', // two changes within a week in 2000
  'America/Santiago', // changes at midnight
  'America/Sao_Paulo', // changes at midnight
  'America/Scoresbysund',
  'America/St_Johns', // changes at 00:01 until 2011, offset of half an hour
  'Antarctica/Casey', // jumps of three hours
  'Antarctica/Troll', // gap of two hours
  'Antarctica/Vostok',
  'Asia/Amman',
  'Asia/Beirut', // changes at midnight
  'Asia/Colombo', // half an hour in 1996, again in 2006
  'Asia/Damascus',
  'Asia/Dili',
  'Asia/Gaza', // several changes a year
  'Asia/Hebron',
  'Asia/Hong_Kong',
  'Asia/Kathmandu', // +05:45
  'Asia/Kolkata',
  'Asia/Manila',
  'Asia/Pyongyang', // half an hour in 2015, back in 2018
  'Asia/Tehran', // changes at midnight, offset of half an hour
  'Asia/Tokyo',
  'Asia/Ulaanbaatar',
  'Asia/Yangon',
  'Atlantic/Azores',
  'Australia/Adelaide',
  'Australia/Eucla', // +08:45
  'Australia/Lord_Howe', // changes by half an hour
  'Australia/Sydney',
  'Europe/Athens',
  'Europe/Dublin', // summer time is the standard
  'Europe/Istanbul',
  'Europe/London',
  'Europe/Moscow',
  'Europe/Paris',
  'Europe/Simferopol',
  'Europe/Volgograd',
  'Pacific/Apia', // no 30 December 2011
  'Pacific/Chatham', // +12:45
  'Pacific/Fakaofo', // no 30 December 2011
  'Pacific/Fiji',
  'Pacific/Kiritimati', // no 31 December 1994
  'Pacific/Kwajalein', // no 21 August 1993
  'Pacific/Marquesas', // -09:30
  'Pacific/Norfolk',
  'Pacific/Tongatapu',
] as const;
